import type { FastifyReply, FastifyRequest } from 'fastify';
import { Agent, request as send } from 'undici';
import { z } from 'zod';
import { renderPharosError } from '../http/render.ts';
import type { ApiModule } from '../http/types.ts';
import { defineErrors } from '../kernel/errors.ts';

export const demoErrors = defineErrors('demo', {
  notRunning: { kind: 'not_found', hint: 'start the demo with `npm start`, or set shop.controller_url' },
  unreachable: { kind: 'unavailable' },
  notInstalled: { kind: 'unavailable' },
});

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 10_000_000;

/**
 * The address of a path below the controller's own. Only path and query are set on it, never resolved against it: a path
 * that begins with `//` would name another host.
 */
function addressBelow(base: string, path: string, query: string): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${path.split('/').map(encodeURIComponent).join('/')}`;
  url.search = query;
  return url;
}

/** `/api/controller/*`: the shop's controller for the dashboard's page, through Pharos' own door. */
export function controllerApi(controllerUrl: string | undefined): ApiModule {
  return {
    name: 'controller',
    renderError: renderPharosError,
    register(app) {
      const dispatcher = new Agent({ maxResponseSize: MAX_ANSWER_BYTES });
      app.addHook('onClose', () => dispatcher.destroy());
      const schema = {
        tags: ['shop'],
        summary: "The shop's controller: faults, traffic, truth",
        params: z.object({ '*': z.string() }),
      };
      const forward = async (
        request: FastifyRequest<{ Params: { '*': string } }>,
        reply: FastifyReply,
      ): Promise<unknown> => {
        if (controllerUrl === undefined)
          throw demoErrors.make('notRunning', 'no shop controller is configured');
        const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '';
        const hasBody = request.method === 'POST' && request.body !== undefined;
        try {
          const answer = await send(addressBelow(controllerUrl, request.params['*'], query), {
            dispatcher,
            method: request.method === 'POST' || request.method === 'DELETE' ? request.method : 'GET',
            headers: hasBody ? { 'content-type': 'application/json' } : {},
            body: hasBody ? JSON.stringify(request.body) : null,
            headersTimeout: TIMEOUT_MS,
            bodyTimeout: TIMEOUT_MS,
          });
          const text = await answer.body.text();
          void reply.code(answer.statusCode).type('application/json; charset=utf-8');
          return text;
        } catch (cause) {
          throw demoErrors.make('unreachable', `the shop's controller at ${controllerUrl} does not answer`, {
            cause,
            retryAfterSeconds: 5,
          });
        }
      };
      app.get('/api/controller/*', { schema }, forward);
      app.post('/api/controller/*', { schema }, forward);
      app.delete('/api/controller/*', { schema }, forward);
    },
  };
}
