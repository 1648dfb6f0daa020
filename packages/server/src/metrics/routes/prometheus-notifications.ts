import { EventHub } from '../../http/sse.ts';
import type { HttpApp } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Notification, Notifications } from '../../kernel/notifications.ts';
import { metricsErrors } from '../errors.ts';
import { sendSmall } from './prometheus-json.ts';
import { documented } from './route-docs.ts';

/** Notifications of the server about itself, as a list and live (server-sent events without a name). */
export function registerNotificationRoutes(app: HttpApp, clock: Clock, notifications: Notifications): void {
  const hub = new EventHub(clock, { opened: () => {}, closed: () => {}, dropped: () => {} });
  const stop = notifications.onChange((notification) => hub.broadcast({ data: shown(notification) }));
  // Before the server waits for its open answers.
  app.addHook('preClose', (done) => {
    stop();
    hub.close();
    done();
  });
  app.route({
    method: 'GET',
    url: '/api/v1/notifications',
    ...documented('What is wrong with the server now.', []),
    handler: (_request, reply) => sendSmall(reply, notifications.active().map(shown)),
  });
  app.route({
    method: 'GET',
    url: '/api/v1/notifications/live',
    ...documented('The same as a stream of server-sent events.', []),
    handler: (request, reply) => {
      const greeting = notifications.active().map((notification) => ({ data: shown(notification) }));
      if (!hub.connect(request, reply, greeting))
        throw metricsErrors.make('busy', 'too many streams are open', { retryAfterSeconds: 5 });
      return reply;
    },
  });
}

function shown({ text, date, active }: Notification): object {
  return { text, date: new Date(date).toISOString(), active };
}
