import { expect, it } from 'vitest';
import { createTelemetry } from '../kernel/telemetry.ts';
import { queuesOf } from './queues.ts';

it('takes depth, limit, age and losses together, in all and by part', async () => {
  const telemetry = createTelemetry();
  const gauge = (name: string, labels: readonly string[] = []) =>
    telemetry.gauge({ name, help: name, labels });
  const counter = (name: string, labels: readonly string[] = []) =>
    telemetry.counter({ name, help: name, labels });
  gauge('pharos_journal_pending_bytes').set(50);
  gauge('pharos_journal_flush_lag_seconds').set(2.5);
  const refused = counter('pharos_journal_refused_total', ['reason']);
  refused.inc({ reason: 'disk' }, 3);
  refused.inc({ reason: 'bytes' }, 4);
  const waiting = gauge('pharos_egress_waiting', ['purpose']);
  waiting.set({ purpose: 'probe' }, 2);
  waiting.set({ purpose: 'webhook' }, 1);
  gauge('pharos_events_webhooks_waiting').set(0);
  const webhooks = counter('pharos_event_webhooks_total', ['result']);
  webhooks.inc({ result: 'dropped' }, 5);
  webhooks.inc({ result: 'delivered' }, 100);
  gauge('pharos_forward_behind_seconds', ['remote']).set({ remote: 'a' }, 7);

  const known = { what: expect.any(String) };
  const none = { capacity: null, oldestSeconds: null, lost: null, parts: {} };
  expect(queuesOf(await telemetry.families(), { journal: 1000, logs: 5 })).toEqual([
    {
      ...known,
      name: 'journal',
      unit: 'bytes',
      depth: 50,
      capacity: 1000,
      oldestSeconds: 2.5,
      lost: 7,
      parts: {},
    },
    { ...known, ...none, name: 'egress', unit: 'items', depth: 3, parts: { probe: 2, webhook: 1 } },
    { ...known, ...none, name: 'event_webhooks', unit: 'items', depth: 0, lost: 5 },
    { ...known, ...none, name: 'remote_write', unit: 'items', depth: null, oldestSeconds: 7, lost: 0 },
  ]);
});
