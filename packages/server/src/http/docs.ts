import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import swagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { HttpApp } from './types.ts';

/** ReDoc sets style elements and runs its search in a blob worker; no other page may. */
const REDOC_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; frame-ancestors 'none'";

const REDOC_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Pharos API</title><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="margin:0"><redoc spec-url="openapi.json" hide-download-button></redoc><script src="redoc/redoc.standalone.js"></script></body>
</html>`;

const SWAGGER_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Pharos API</title><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="docs/swagger-ui.css"></head>
<body style="margin:0"><div id="swagger-ui"></div><script src="docs/swagger-ui-bundle.js"></script><script src="docs/start.js"></script></body>
</html>`;

const SWAGGER_START =
  "SwaggerUIBundle({ dom_id: '#swagger-ui', url: 'openapi.json', validatorUrl: null, deepLinking: true });\n";

const HTML = 'text/html; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/**
 * Bodies that a route reads by itself stand in the document too, without being held against a schema. Queries that may have any
 * parameters have none to name.
 */
const documented: typeof jsonSchemaTransform = (input) => {
  const { querystring, ...schema } = input.schema;
  const named = querystring instanceof z.ZodRecord ? schema : input.schema;
  const body = input.route.config?.readsBody;
  return jsonSchemaTransform({ ...input, schema: body === undefined ? named : { ...named, body } });
};

/** Must be installed before the routes: the OpenAPI document is generated from their schemas. */
export async function installOpenApi(app: HttpApp, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Pharos',
        version,
        description:
          'Every HTTP API of Pharos. Prometheus-compatible routes answer in the envelope of Prometheus, the others in Pharos own.',
      },
      components: {
        securitySchemes: {
          password: { type: 'http', scheme: 'basic' },
          token: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    transform: documented,
    transformObject: jsonSchemaTransformObject,
  });
}

/**
 * `/docs` (Swagger UI), `/redoc` (ReDoc), `/openapi.json`: one document, no request leaves the server. Of the packages only the files for
 * the browser are used: their code for servers costs a start more than it does.
 */
export function installDocs(app: HttpApp): void {
  const hidden = { schema: { hide: true } };
  const page = (path: string, html: string, headers: Readonly<Record<string, string>>): void => {
    app.get(path, hidden, (_request, reply) => reply.headers(headers).type(HTML).send(html));
  };
  const require = createRequire(import.meta.url);
  const file = (path: string, type: string, at: string): void => {
    app.get(path, hidden, async (_request, reply) =>
      reply
        .header('cache-control', 'public, max-age=86400')
        .type(type)
        .send(await readFile(at)),
    );
  };
  app.get('/openapi.json', hidden, () => app.swagger());
  page('/docs', SWAGGER_PAGE, {});
  app.get('/docs/', hidden, (_request, reply) => reply.redirect('../docs'));
  app.get('/docs/start.js', hidden, (_request, reply) => reply.type(SCRIPT).send(SWAGGER_START));
  file('/docs/swagger-ui.css', CSS, require.resolve('@fastify/swagger-ui/static/swagger-ui.css'));
  file(
    '/docs/swagger-ui-bundle.js',
    SCRIPT,
    require.resolve('@fastify/swagger-ui/static/swagger-ui-bundle.js'),
  );
  page('/redoc', REDOC_PAGE, { 'content-security-policy': REDOC_CSP });
  file('/redoc/redoc.standalone.js', SCRIPT, require.resolve('redoc/bundles/redoc.standalone.js'));
}
