import { expect, it } from 'vitest';
import { z } from 'zod';
import { ManualClock } from '../kernel/clock.ts';
import { seededRandom } from '../kernel/random.ts';
import { openTestAlertmanager } from './testing/open.ts';

const ALERTS = 1000;
const TEAMS = ['a', 'b', 'c', 'd'];
const CONFIG = `
route:
  receiver: all
  group_by: [alertname]
  group_wait: 10s
  group_interval: 1m
  repeat_interval: 10m
  routes:
    - { receiver: page, matchers: [ 'severity="page"' ], continue: true, group_by: [team] }
    - { receiver: quiet, matchers: [ 'team="a"' ], group_by: ['...'] }
    - { receiver: page, matchers: [ 'team="b"' ], mute_time_intervals: [ always ] }
    - { receiver: nobody, matchers: [ 'team="c"' ] }
inhibit_rules: [ { source_matchers: [ 'severity="page"' ], target_matchers: [ 'severity="info"' ], equal: [alertname, team] } ]
time_intervals: [ { name: always, time_intervals: [ {} ] } ]
receivers:
  - { name: all, webhook_configs: [ { url: 'http://all/' } ] }
  - { name: page, webhook_configs: [ { url: 'http://page/1' }, { url: 'http://page/2', send_resolved: false } ] }
  - { name: quiet, webhook_configs: [ { url: 'http://broken/' } ], slack_configs: [ { api_url: 'http://s/' } ] }
  - { name: nobody }
`;
/** Which integration an address belongs to. */
const HOOKS: Readonly<Record<string, string>> = {
  'http://all/': 'all webhook[0]',
  'http://page/1': 'page webhook[0]',
  'http://page/2': 'page webhook[1]',
};
const body = z.object({ alerts: z.array(z.object({ fingerprint: z.string() })) });

async function settle(): Promise<void> {
  for (let i = 0; i < 400; i++) await new Promise((resolve) => setImmediate(resolve));
}

it(`says of each of ${ALERTS} alerts who was told of it, as the deliveries have it`, async () => {
  const random = seededRandom(6);
  const clock = new ManualClock();
  /** What was delivered, by fingerprint: the receivers' own account. */
  const delivered = new Map<string, Set<string>>();
  const { alertmanager, stop } = await openTestAlertmanager(CONFIG, {
    clock,
    random,
    http: {
      connect: () => Promise.reject(new Error('no network')),
      readText: () => Promise.reject(new Error('no files')),
      send: ({ url, body: text }) => {
        const hook = HOOKS[url];
        // One of them refuses for good, all others now and then.
        if (hook === undefined) return answer(400);
        if (random() < 0.2) return answer(503);
        for (const { fingerprint } of body.parse(JSON.parse(text)).alerts)
          delivered.set(fingerprint, (delivered.get(fingerprint) ?? new Set()).add(hook));
        return answer(200);
      },
    },
  });
  await alertmanager.silences.set({
    id: null,
    matchers: [{ name: 'n', op: '=~', value: '.*7' }],
    startsAt: clock.now(),
    endsAt: clock.now() + 86_400_000,
    createdBy: '',
    comment: '',
    annotations: new Map(),
  });
  const fingerprints = new Set<string>();
  for (let from = 0; from < ALERTS; from += 100) {
    const now = clock.now();
    await alertmanager.receive(
      Array.from({ length: 100 }, (_, i) => ({
        labels: new Map([
          ['alertname', `A${Math.floor(random() * 40)}`],
          ['n', String(from + i)],
          ['team', TEAMS[Math.floor(random() * TEAMS.length)] ?? ''],
          ['severity', random() < 0.1 ? 'page' : 'info'],
        ]),
        annotations: new Map<string, string>(),
        startsAt: now,
        endsAt: random() < 0.3 ? now + 1000 + random() * 120_000 : now + 86_400_000,
        generatorUrl: '',
      })),
    );
    for (const { fingerprint } of alertmanager.alerts(EVERYTHING)) fingerprints.add(fingerprint);
    await clock.advance(45_000);
    await settle();
  }
  for (let minute = 0; minute < 4; minute++) {
    await clock.advance(60_000);
    await settle();
  }
  const wrong: unknown[] = [];
  let told = 0;
  for (const fingerprint of fingerprints) {
    const { threads, isTold } = await alertmanager.why(fingerprint);
    const said = threads.filter((one) => one.isTold).map((one) => `${one.receiver} ${one.integration}`);
    const real = [...(delivered.get(fingerprint) ?? [])].sort();
    if (isTold) told++;
    if (
      [...new Set(said)].sort().join() !== real.join() ||
      isTold !== real.length > 0 ||
      threads.length === 0
    )
      wrong.push({ fingerprint, said, real });
  }
  await stop();
  expect(wrong).toEqual([]);
  expect(fingerprints.size).toBe(ALERTS);
  expect([told > 100, told < 900]).toEqual([true, true]);
});

const EVERYTHING = {
  filters: [],
  wanted: { active: true, silenced: true, inhibited: true, unprocessed: true },
  isReceiver: () => true,
};

function answer(status: number): Promise<{ status: number; headers: Record<string, never>; body: Buffer }> {
  return Promise.resolve({ status, headers: {}, body: Buffer.alloc(0) });
}
