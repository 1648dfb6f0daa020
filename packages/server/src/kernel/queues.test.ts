import { expect, it } from 'vitest';
import { createTelemetry } from './telemetry.ts';

it('takes depth, limit, age and losses together, in all and by part', async () => {
  const telemetry = createTelemetry();
  const gauge = (name: string, labels: readonly string[] = []) =>
    telemetry.gauge({ name, help: name, labels });
  const counter = (name: string, labels: readonly string[] = []) =>
    telemetry.counter({ name, help: name, labels });
  const [depth, oldest, refused] = [gauge('depth'), gauge('age'), counter('refused', ['reason'])];
  depth.set(50);
  oldest.set(2.5);
  refused.inc({ reason: 'disk' }, 3);
  refused.inc({ reason: 'bytes' }, 4);
  const waiting = gauge('waiting', ['purpose']);
  waiting.set({ purpose: 'probe' }, 2);
  waiting.set({ purpose: 'webhook' }, 1);
  const sent = counter('sent', ['result']);
  sent.inc({ result: 'dropped' }, 5);
  sent.inc({ result: 'delivered' }, 100);
  const behind = gauge('behind', ['remote']);
  behind.set({ remote: 'a' }, 7);
  const { queues } = telemetry;
  const known = { what: 'in words' };
  queues.publish({ ...known, name: 'journal', unit: 'bytes', depth, oldest, lost: refused });
  queues.publish({ ...known, name: 'egress', unit: 'items', depth: waiting });
  const lost = { counter: sent, where: { result: 'dropped' } };
  queues.publish({ ...known, name: 'webhooks', unit: 'items', depth: gauge('hooks'), lost });
  queues.publish({ ...known, name: 'remote', unit: 'items', oldest: behind, lost: counter('gone') });

  const none = { capacity: null, oldestSeconds: null, lost: null, parts: {} };
  expect(await queues.states({ journal: 1000, logs: 5 })).toEqual([
    { ...known, ...none, name: 'egress', unit: 'items', depth: 3, parts: { probe: 2, webhook: 1 } },
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
    { ...known, ...none, name: 'remote', unit: 'items', depth: null, oldestSeconds: 7, lost: 0 },
    { ...known, ...none, name: 'webhooks', unit: 'items', depth: 0, lost: 5 },
  ]);
});
