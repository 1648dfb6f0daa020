import { Labels } from '@pharos/promql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { openTestApp } from '../../http/testing/test-app.ts';
import {
  createMemoryJournal,
  flushTables,
  type MemoryJournal,
  openTestState,
} from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createServiceNames } from '../../kernel/names.ts';
import { seededRandom } from '../../kernel/random.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { logsSection } from '../config.ts';
import { lokiPatternsApi, patternsApi } from '../routes/patterns.ts';
import { createLogsStore } from '../store/store.ts';
import { logsTables } from '../tables.ts';
import { LogPatterns } from './service.ts';

const MINUTE = 60_000;
const NOW = 1_700_000_000_000 - (1_700_000_000_000 % (60 * MINUTE)) + 30 * MINUTE;

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine(logsTables);
});
afterAll(() => engine.close());

/** A process at a time, on what earlier ones left. */
async function open(journal: MemoryJournal, now: number, config: object = {}, random = seededRandom(7)) {
  const clock = new ManualClock(now);
  const names = createServiceNames(new Map());
  const breathe = (): Promise<void> => Promise.resolve();
  const parsed = logsSection.schema.parse(config);
  const shared = {
    engine: engine.engine,
    journal,
    state: await openTestState(),
    clock,
    random,
    telemetry: createTelemetry(),
    log: silentLog,
    breathe,
  };
  const store = await createLogsStore({ ...shared, names, config: parsed });
  const patterns = new LogPatterns({ ...shared, config: parsed.patterns });
  store.onStored((chunk) => patterns.observe(chunk));
  await store.service.start?.(new AbortController().signal);
  await patterns.start();
  const app = await openTestApp([
    patternsApi({ patterns, clock, names }),
    lokiPatternsApi({ patterns, clock, names, store }),
  ]);
  const send = async (service: string, messages: readonly string[], at = clock.now()): Promise<void> => {
    const appender = store.sink.appender('default');
    const stream = appender.stream(Labels.fromRecord({ service_name: service, env: 'test' }));
    for (const [i, message] of messages.entries()) {
      const bytes = Buffer.from(message);
      if (typeof stream === 'number')
        appender.append(stream, {
          time: { ms: at, nanos: i },
          bytes,
          start: 0,
          end: bytes.length,
          metadata: [],
        });
    }
    await appender.commit();
  };
  const get = async <T>(url: string): Promise<T> => {
    const answer = await app.inject({ url, headers: { host: 'localhost' } });
    expect(answer.statusCode).toBe(200);
    return answer.json<T>();
  };
  const counts = async (): Promise<Record<string, number>> => {
    const { patterns: found } = await get<{ patterns: { pattern: string; count: number }[] }>(
      '/api/logs/patterns?window=1h&service=cart-service',
    );
    return Object.fromEntries(found.map(({ pattern, count }) => [pattern, count]));
  };
  const end = async (): Promise<void> => {
    await patterns.stop();
    await app.close();
    await flushTables(engine.engine, journal, logsTables);
  };
  return { clock, patterns, app, send, get, counts, end };
}

it('patterns are counted by minute, stored, and go on after a restart', async () => {
  const journal = createMemoryJournal();
  const first = await open(journal, NOW);
  await first.send('cart-service', ['order 1 saved by anna', 'order 2 saved by bert', 'error: no stock']);
  await first.send('user', ['somebody logged in']);
  const expected = { 'order <_> saved by <_>': 2, 'error: no stock': 1 };
  expect(await first.counts()).toEqual(expected);
  await first.end();

  const second = await open(journal, NOW + MINUTE);
  expect(await second.counts()).toEqual(expected);
  await second.send('cart-service', ['order 3 saved by cleo', 'order 4 lost by cleo']);
  // What has become more general in the meantime is one with what was stored.
  expect(await second.counts()).toEqual({ 'order <_> <_> by <_>': 4, 'error: no stock': 1 });
  expect(second.patterns.changes('default')).toEqual([]);
  // Saved or not, a line counts once.
  await second.clock.advance(MINUTE);
  await flushTables(engine.engine, journal, logsTables);
  expect(await second.counts()).toEqual({ 'order <_> <_> by <_>': 4, 'error: no stock': 1 });

  const errors = await second.get<{ lines: number; patterns: unknown[] }>(
    '/api/logs/patterns?window=1h&level=error&step=3600',
  );
  expect(errors).toMatchObject({
    lines: 1,
    patterns: [{ pattern: 'error: no stock', minutes: [[expect.any(String), 1]] }],
  });
  expect(await second.get('/api/logs/patterns/changes?window=1h&service=cart')).toMatchObject({
    changes: [],
  });
  const query = new URLSearchParams({ query: '{env="test", service_name=~"cart.*"}', step: '60' });
  expect(await second.get(`/loki/api/v1/patterns?${query.toString()}`)).toEqual({
    status: 'success',
    data: [
      {
        pattern: 'order <_> <_> by <_>',
        level: 'unknown',
        samples: [
          [NOW / 1000, 2],
          [(NOW + MINUTE) / 1000, 2],
        ],
      },
      { pattern: 'error: no stock', level: 'error', samples: [[NOW / 1000, 1]] },
    ],
  });
  const bad = await second.app.inject({
    url: '/loki/api/v1/patterns?query={',
    headers: { host: 'localhost' },
  });
  expect(bad.statusCode).toBe(400);
  await second.end();
});

it('lines of before the start of the process are counted at once, and once', async () => {
  const journal = createMemoryJournal();
  const { send, get, clock, end } = await open(journal, NOW + 40 * MINUTE);
  await send('late', ['came late', 'came late too'], NOW + 15 * MINUTE);
  const counted = async () =>
    (await get<{ lines: number }>('/api/logs/patterns?window=1h&service=late')).lines;
  expect(await counted()).toBe(2);
  await clock.advance(MINUTE);
  expect(await counted()).toBe(2);
  await flushTables(engine.engine, journal, logsTables);
  expect(await counted()).toBe(2);
  await end();
});

it('what comes at regular places among more lines than may be looked at is neither all of them nor none', async () => {
  const journal = createMemoryJournal();
  const config = { patterns: { lines_per_second: 500 } };
  const { send, get, end } = await open(journal, NOW + 50 * MINUTE, config);
  // Of forty lines one is looked at.
  await send(
    'beat',
    Array.from({ length: 20_000 }, (_, i) => (i % 40 === 39 ? 'tick' : 'tock of the clock')),
  );
  const { patterns } = await get<{ patterns: { pattern: string; count: number }[] }>(
    '/api/logs/patterns?window=10m&service=beat',
  );
  const counts = new Map(patterns.map(({ pattern, count }) => [pattern, count]));
  expect(counts.get('tock of the clock')).toBeGreaterThan(18_000);
  expect(counts.get('tick') ?? 0).toBeLessThan(2000);
  await end();
});

it('more lines than may be looked at are estimated', async () => {
  const journal = createMemoryJournal();
  const { send, get, end } = await open(journal, NOW + 20 * MINUTE, { patterns: { lines_per_second: 500 } });
  await send(
    'busy',
    Array.from({ length: 20_000 }, (_, i) => `request ${i} done`),
  );
  const { patterns } = await get<{ patterns: { count: number }[] }>(
    '/api/logs/patterns?window=1h&service=busy',
  );
  expect(patterns).toHaveLength(1);
  expect(patterns[0]?.count).toBe(20_000);
  await end();
});

it('goes on after lines that cannot be looked at', async () => {
  const any = seededRandom(7);
  let isBroken = true;
  const random = (): number => {
    if (!isBroken) return any();
    throw new RangeError('a line that nobody can look at');
  };
  const { send, patterns, end } = await open(createMemoryJournal(), NOW, {}, random);
  await send('mail-service', ['order 1 sent']);
  await patterns.idle();
  isBroken = false;
  await send('mail-service', ['order 2 sent', 'order 3 sent']);
  expect(
    (
      await patterns.query(
        'default',
        { from: NOW - MINUTE, to: NOW + MINUTE },
        (service) => service === 'mail',
      )
    ).patterns,
  ).toMatchObject([{ pattern: 'order <_> sent', total: 2 }]);
  await end();
});
