import { Labels } from '@pharos/promql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Engine } from '../../engine/index.ts';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { createMemoryJournal, flushTables, type MemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createServiceNames } from '../../kernel/names.ts';
import { seededRandom } from '../../kernel/random.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { logsSection } from '../config.ts';
import { logsTables } from '../tables.ts';
import { timeOfNanos } from '../time.ts';
import { comparePlaces, type LinePlace, type LineQuery } from './query.ts';
import { createLogsStore, type LogsStore } from './store.ts';

const NOW = 1_767_225_600_000;
const MS = 1_000_000n;
const TENANTS = ['one', 'two'] as const;
const APPS = ['auth', 'cart', 'user'] as const;
const LEVELS = ['info', 'error'] as const;

let test: TestEngine;
beforeAll(async () => {
  test = await openTestEngine(logsTables);
});
afterAll(() => test.close());

interface Sent {
  readonly tenant: string;
  readonly app: string;
  readonly level: string;
  readonly time: bigint;
  readonly message: string;
}

/** What reads lines was asked so often. */
const asked = { engine: 0 };

async function open(journal: MemoryJournal, newestMemory: number): Promise<LogsStore> {
  const engine: Engine = {
    ...test.engine,
    query: (statement, options) => {
      if (options.purpose === 'logs.search' || options.purpose === 'logs.read') asked.engine++;
      return test.engine.query(statement, options);
    },
    state: () => test.engine.state(),
  };
  const store = await createLogsStore({
    engine,
    journal,
    clock: new ManualClock(NOW),
    names: createServiceNames(new Map()),
    telemetry: createTelemetry(),
    log: silentLog,
    config: logsSection.schema.parse({ newest_memory: newestMemory }),
    breathe: () => Promise.resolve(),
  });
  await store.service.start?.(new AbortController().signal);
  return store;
}

async function send(store: LogsStore, lines: readonly Sent[]): Promise<void> {
  for (const tenant of TENANTS) {
    const appender = store.sink.appender(tenant);
    for (const line of lines) {
      if (line.tenant !== tenant) continue;
      const stream = appender.stream(Labels.fromRecord({ app: line.app }));
      if (typeof stream !== 'number') throw new Error(stream.message);
      const bytes = Buffer.from(line.message);
      appender.append(stream, {
        time: timeOfNanos(line.time),
        bytes,
        start: 0,
        end: bytes.length,
        metadata: ['level', line.level],
      });
    }
    await appender.commit();
  }
}

/** Lines of one answer after the other, until there are no more. */
async function pages(store: LogsStore, query: LineQuery): Promise<{ place: LinePlace; message: string }[]> {
  const seen: { place: LinePlace; message: string }[] = [];
  for (let after: LinePlace | undefined; ; ) {
    const page = await store.search({ ...query, ...(after && { after }) });
    expect(page.warnings).toEqual([]);
    expect(page.lines.length).toBeLessThanOrEqual(query.limit);
    seen.push(...page.lines);
    after = page.lines.at(-1)?.place;
    if (!page.more || after === undefined) return seen;
  }
}

/** The first lines as LogQL reads them, newest first. */
async function newest(store: LogsStore, query: LineQuery): Promise<{ time: bigint; line: string }[]> {
  const { tenant, from, to, limit, services: [app] = [] } = query;
  const matcher = {
    name: 'app',
    op: '=' as const,
    value: app ?? '',
    matches: (value: string) => value === app,
  };
  const found: { time: bigint; line: string }[] = [];
  const batches = store.reader(tenant).select({
    matchers: app === undefined ? [] : [matcher],
    start: from,
    end: to,
    direction: 'backward',
    hints: { lineFilters: [], labelFilters: [], exact: true, limit, linesUnused: false },
  });
  let horizon = to;
  for await (const batch of batches) {
    for (const [i, time] of batch.timestamps.entries()) {
      expect(time).toBeLessThanOrEqual(horizon);
      found.push({ time, line: batch.lines[i] ?? '' });
    }
    horizon = batch.horizon ?? horizon;
  }
  return found.sort((a, b) => (a.time > b.time ? -1 : a.time < b.time ? 1 : 0)).slice(0, limit);
}

it('the last lines are those of a plain model, from memory, from the engine and from both, late ones and a restart among them', async () => {
  const random = seededRandom(11);
  const below = (most: number): number => Math.floor(random() * most);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const journal = createMemoryJournal();
  const room = 24_000;
  let store = await open(journal, room);
  const all: Sent[] = [];
  let answeredByMemory = 0;
  let answeredByEngine = 0;
  for (let round = 0; round < 30; round++) {
    const fresh = Array.from({ length: 1 + below(40) }, (_, i): Sent => {
      const late = random() < 0.1 ? below(3_600_000) : below(30);
      return {
        tenant: pick(TENANTS),
        app: pick(APPS),
        level: pick(LEVELS),
        time: BigInt(NOW - 600_000 + round * 40 - late) * MS + BigInt(below(3)),
        message: `line ${round} ${i}`,
      };
    });
    all.push(...fresh);
    await send(store, fresh);
    if (random() < 0.5) await flushTables(test.engine, journal, logsTables);
    if (random() < 0.1) store = await open(journal, room);
    const app = random() < 0.7 ? pick(APPS) : undefined;
    const level = random() < 0.3 ? pick(LEVELS) : undefined;
    const to = NOW - 600_000 + round * 40 + 5 - below(random() < 0.3 ? 400 : 5);
    const query: LineQuery = {
      tenant: pick(TENANTS),
      from: BigInt(to - pick([20, 500, 7_200_000])) * MS,
      to: BigInt(to) * MS + BigInt(below(3)),
      direction: 'backward',
      limit: 1 + below(20),
      ...(app !== undefined && { services: [app] }),
      ...(level !== undefined && { levels: [level] }),
    };
    const inWindow = all
      .filter(({ tenant, time }) => tenant === query.tenant && time >= query.from && time < query.to)
      .filter((line) => app === undefined || line.app === app);
    const before = asked.engine;
    const times = inWindow.map(({ time }) => time).sort((a, b) => (a > b ? -1 : a < b ? 1 : 0));
    const last = await newest(store, query);
    expect(last.map(({ time }) => time)).toEqual(times.slice(0, query.limit));
    for (const { time, line } of last)
      expect(inWindow.some((one) => one.time === time && one.message === line)).toBe(true);
    expect(new Set(last.map(({ line }) => line)).size).toBe(last.length);
    if (asked.engine === before) answeredByMemory++;
    else answeredByEngine++;

    const paged = await pages(store, { ...query, limit: 10 + query.limit * 2 });
    const expected = inWindow.filter((line) => level === undefined || line.level === level);
    expect(paged.map(({ message }) => message).sort()).toEqual(expected.map(({ message }) => message).sort());
    expect(
      paged.every(({ place }, i) => i === 0 || comparePlaces(paged[i - 1]?.place ?? place, place) > 0),
    ).toBe(true);
  }
  expect(answeredByMemory).toBeGreaterThan(10);
  expect(answeredByEngine).toBeGreaterThan(10);
});

it('memory suffices while the engine is away, and nothing is missing then', async () => {
  const journal = createMemoryJournal();
  const store = await open(journal, 1_000_000);
  const lines = Array.from(
    { length: 30 },
    (_, i): Sent => ({
      tenant: 'one',
      app: 'away',
      level: 'info',
      time: BigInt(NOW + i) * MS,
      message: `away ${i}`,
    }),
  );
  await send(store, lines);
  await flushTables(test.engine, journal, logsTables);
  const before = asked.engine;
  const answer = await store.search({
    tenant: 'one',
    from: BigInt(NOW) * MS,
    to: BigInt(NOW + 1000) * MS,
    direction: 'backward',
    limit: 10,
  });
  expect(answer).toMatchObject({ more: true, warnings: [] });
  expect(answer.lines.map(({ message }) => message)).toEqual(
    Array.from({ length: 10 }, (_, i) => `away ${29 - i}`),
  );
  expect(asked.engine).toBe(before);
});
