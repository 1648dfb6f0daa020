import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { HttpApp } from './types.ts';

/** ReDoc sets style elements and runs its search in a blob worker; no other page may. */
const REDOC_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; frame-ancestors 'none'";

const REDOC_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Pharos API</title><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="margin:0"><redoc spec-url="openapi.json" hide-download-button></redoc><script src="redoc/redoc.standalone.js"></script></body>
</html>`;

/** Bodies that a route reads by itself stand in the document too, without being held against a schema. */
const withReadBodies: typeof jsonSchemaTransform = (input) => {
  const body = input.route.config?.readsBody;
  return jsonSchemaTransform(body === undefined ? input : { ...input, schema: { ...input.schema, body } });
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
    transform: withReadBodies,
    transformObject: jsonSchemaTransformObject,
  });
}

/** `/docs` (Swagger UI), `/redoc` (ReDoc), `/openapi.json`: one document, no request leaves the server. */
export async function installDocs(app: HttpApp): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { url: '../openapi.json', validatorUrl: null },
    theme: { title: 'Pharos API' },
  });
  const bundle = createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js');
  const hidden = { schema: { hide: true } };
  app.get('/openapi.json', hidden, () => app.swagger());
  app.get('/redoc', hidden, (_request, reply) =>
    reply.header('content-security-policy', REDOC_CSP).type('text/html; charset=utf-8').send(REDOC_PAGE),
  );
  app.get('/redoc/redoc.standalone.js', hidden, async (_request, reply) =>
    reply
      .header('cache-control', 'public, max-age=86400')
      .type('text/javascript; charset=utf-8')
      .send(await readFile(bundle)),
  );
}
