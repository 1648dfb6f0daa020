import { afterEach, expect, it } from 'vitest';
import { openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { NOW, nanos, openMemoryTraces, spanId, traceId } from '../testing/memory-traces.ts';
import { attribute, type JsonSpan } from '../testing/otlp-json.ts';
import type { Deployment } from './notice.ts';
import { ServiceVersions } from './service-versions.ts';

const opened: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.stop();
});

async function open(state: Awaited<ReturnType<typeof openTestState>>) {
  const told: [string, Deployment][] = [];
  const clock = new ManualClock(NOW);
  const versions = new ServiceVersions({
    clock,
    log: silentLog,
    telemetry: createTelemetry(),
    state,
    onDeployment: (...deployment) => void told.push(deployment),
  });
  versions.start();
  opened.push(versions);
  const { otlp } = await openMemoryTraces(
    {},
    {
      onSource: (tenant, { service, version }, times) =>
        version !== '' && versions.seen(tenant, service, { version, ...times }),
    },
  );
  let spans = 0;
  const send = (service: string, version: string, at: number, more: Partial<JsonSpan> = {}) =>
    otlp.export(
      'default',
      'json',
      Buffer.from(
        JSON.stringify({
          resourceSpans: [
            {
              resource: {
                attributes: [
                  attribute('service.name', service),
                  ...(version === '' ? [] : [attribute('service.version', version)]),
                ],
              },
              scopeSpans: [
                {
                  spans: [at, at + 1000].map((from) => ({
                    traceId: traceId(++spans),
                    spanId: spanId(spans),
                    name: 'x',
                    kind: 2,
                    startTimeUnixNano: nanos(from),
                    endTimeUnixNano: nanos(from + 5),
                    ...more,
                  })),
                },
              ],
            },
          ],
        }),
      ),
    );
  return { versions, told, send, clock };
}

it('tells of a new version in the resource of spans, by the time of its first span, and not again after a restart', async () => {
  const state = await openTestState();
  const first = await open(state);
  await first.send('order-service', '1.4.1', NOW - 60_000);
  await first.send('order-service', '1.4.2', NOW - 30_000);
  await first.send('user', '', NOW);
  const deployment = { service: 'order', version: '1.4.2', previous: '1.4.1', at: NOW - 30_000 };
  expect(first.told).toEqual([['default', deployment]]);
  await first.versions.stop();
  const again = await open(state);
  await again.send('order', '1.4.2', NOW);
  expect(again.told).toEqual([]);
  expect([...again.versions.list('default')]).toEqual([
    [
      'order',
      [
        { version: '1.4.2', first: NOW - 30_000, last: NOW + 1000 },
        { version: '1.4.1', first: NOW - 60_000, last: NOW - 59_000 },
      ],
    ],
  ]);
  expect(again.versions.list('blue').size).toBe(0);
});

it('is not drowned by a service that says another version each time', async () => {
  const { told, versions, clock } = await open(await openTestState());
  const say = (n: number) =>
    versions.seen('default', 'order', { version: `v${n}`, from: clock.now(), to: clock.now() });
  for (let n = 0; n < 100; n++) {
    say(n);
    await clock.advance(1000);
  }
  expect(told).toHaveLength(20);
  expect(versions.list('default').get('order')).toHaveLength(20);
  await clock.advance(3_600_000);
  say(100);
  expect(told.at(-1)?.[1]).toMatchObject({ version: 'v100', previous: 'v99' });
});

it('does not take spans that were refused for a version', async () => {
  const { versions, send } = await open(await openTestState());
  const refused = send('order', '2', NOW, { traceId: '0'.repeat(32) });
  await expect(refused).rejects.toMatchObject({ code: 'otlp.refused' });
  expect(versions.list('default').size).toBe(0);
});
