import { expect, it } from 'vitest';
import { createMemoryJournal, openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { fingerprintOf } from '../labels/fingerprint.ts';
import { openTestAlertmanager, type TestAlertmanager } from '../testing/open.ts';

const CONFIG = `
route: { receiver: team, group_by: [alertname], group_wait: 1s, group_interval: 1m }
receivers:
  - name: team
    slack_configs:
      - { app_token: t0ken, channel: '#ops', send_resolved: true, update_message: true, title: '{{ .Status }} {{ .Nope }}' }
`;

const DOWN = new Map([['alertname', 'Down']]);

async function settle(): Promise<void> {
  for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
}

it('has the time that its timeout says, until the next flush of its group', async () => {
  const clock = new ManualClock();
  const times: number[] = [];
  const config = `
route: { receiver: team, group_wait: 1s, group_interval: 1m }
receivers: [ { name: team, webhook_configs: [ { url: 'http://h/', timeout: 30s }, { url: 'http://h/', timeout: 5m } ] } ]`;
  const { alertmanager, stop } = await openTestAlertmanager(config, {
    clock,
    http: {
      send: ({ timeoutMs }) => {
        times.push(timeoutMs);
        return Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0) });
      },
      connect: () => Promise.reject(new Error('no network')),
      readText: () => Promise.reject(new Error('no files')),
    },
  });
  const now = clock.now();
  await alertmanager.receive([
    { labels: DOWN, annotations: new Map(), startsAt: now, endsAt: now + 3_600_000, generatorUrl: '' },
  ]);
  await clock.advance(1000);
  await settle();
  expect(times.sort((a, b) => a - b)).toEqual([30_000, 60_000]);
  await stop();
});

it('changes the message of a group that was told of before a restart, and begins anew after its end', async () => {
  const clock = new ManualClock();
  const [state, journal] = [await openTestState(), createMemoryJournal()];
  const calls: (readonly [method: string, ts: unknown])[] = [];
  const start = (): Promise<TestAlertmanager> =>
    openTestAlertmanager(CONFIG, {
      clock,
      state,
      journal,
      http: {
        send: ({ url, body }) => {
          const sent: { readonly ts?: string } = JSON.parse(body);
          calls.push([url.split('/').at(-1) ?? '', sent.ts]);
          const answer = { ok: true, channel: 'C1', ts: sent.ts ?? `ts-${calls.length}` };
          return Promise.resolve({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(answer)) });
        },
        connect: () => Promise.reject(new Error('no network')),
        readText: () => Promise.reject(new Error('no files')),
      },
    });
  let running = await start();
  const tell = async (isOver: boolean): Promise<void> => {
    await running.alertmanager.receive([
      {
        labels: DOWN,
        annotations: new Map(),
        startsAt: clock.now() - 1000,
        endsAt: isOver ? clock.now() : clock.now() + 3_600_000,
        generatorUrl: '',
      },
    ]);
    await clock.advance(61_000);
    await settle();
  };
  await tell(false);
  expect(calls).toEqual([['chat.postMessage', undefined]]);
  const why = await running.alertmanager.why(fingerprintOf(DOWN));
  expect(JSON.stringify(why)).toContain("title is Pharos' own: template: :1:17:");

  await running.stop();
  running = await start();
  await tell(true);
  expect(calls.slice(1)).toEqual([['chat.update', 'ts-1']]);
  await tell(false);
  expect(calls.slice(2)).toEqual([['chat.postMessage', undefined]]);
  await running.stop();
});
