import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { installNotFound } from './server.ts';
import type { HttpApp } from './types.ts';

const MISSING =
  '<!doctype html><meta charset="utf-8"><title>Pharos</title><p>The dashboard is not built. Run <code>npm run build</code> and reload.</p>';

/**
 * The dashboard's files. Hashed assets are cached for ever; the shell never, so that a new build shows at once. The
 * shell's relative links are anchored by a `<base>` so that deep links work at any depth and below a base path.
 */
export async function installDashboard(app: HttpApp, directory: string, basePath: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: join(directory, 'assets'),
    serve: true,
    wildcard: true,
    index: false,
    prefix: '/assets/',
    decorateReply: false,
    immutable: true,
    maxAge: '365d',
    // As the build has compressed them; a browser that does not take that gets the plain ones.
    preCompressed: true,
  });
  const shell = async (_request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const html = await readFile(join(directory, 'index.html'), 'utf8').catch(() => null);
    const body = html === null ? MISSING : html.replace('<head>', `<head><base href="${basePath}">`);
    return reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(body);
  };
  app.get('/', { schema: { hide: true } }, shell);
  app.get('/favicon.svg', { schema: { hide: true } }, async (_request, reply) => {
    const icon = await readFile(join(directory, 'favicon.svg')).catch(() => null);
    return icon === null
      ? reply.code(404).send()
      : reply.type('image/svg+xml').header('cache-control', 'public, max-age=86400').send(icon);
  });
  installNotFound(app, shell);
}
