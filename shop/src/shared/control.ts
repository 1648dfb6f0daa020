import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';
import { renderError } from './errors.ts';
import { faultOrder } from './faults/kinds.ts';
import type { Kit } from './kit.ts';
import { checkDoor } from './kit.ts';
import { parse } from './validate.ts';

const BODY_LIMIT_BYTES = 64 * 1024;

/**
 * The demo's back door: by it the controller says which faults a service has; `more` adds what one service lets it say. It lives on a port of its own, so that a
 * service that is dead to the world can still be brought back, and opens only to the controller's credential.
 */
export function createControl(
  { guard, serviceTokens, faults }: Kit,
  more: (app: FastifyInstance) => void = () => {},
): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: true });
  checkDoor(app, guard);
  app.addHook('onRequest', async (request) => {
    await serviceTokens.verify(request.headers.authorization, ['controller']);
  });
  app.setErrorHandler(async (error, request, reply) => {
    const { status, body } = renderError(error, request.id);
    return reply.code(status).send(body);
  });
  app.get('/faults', async () => ({ faults: faults.all() }));
  app.put('/faults', async (request) => {
    const order = parse(faultOrder, request.body);
    faults.replace(order.faults, order.lease_ms);
    return { faults: faults.all() };
  });
  more(app);
  return app;
}
