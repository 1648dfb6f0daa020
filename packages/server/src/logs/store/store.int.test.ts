import { Labels } from '@pharos/promql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { createMemoryJournal, flushTables, type MemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createServiceNames } from '../../kernel/names.ts';
import { seededRandom } from '../../kernel/random.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { logsSection } from '../config.ts';
import type { LogReport } from '../sink.ts';
import { logsTables } from '../tables.ts';
import { timeOfNanos } from '../time.ts';
import type { LineQuery } from './query.ts';
import { createLogsStore, type LogsStore } from './store.ts';

const DAY = 86_400_000;
const NOW = 1_700_000_000_000 - (1_700_000_000_000 % DAY) + DAY / 2;
const MS = 1_000_000n;
const TRACE = '0af7651916cd43dd8448eb211c80319c';

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine(logsTables);
});
afterAll(() => engine.close());

interface Sent {
  readonly labels: Record<string, string>;
  readonly time: bigint;
  readonly message: string;
  readonly metadata?: readonly string[];
}

async function open(journal: MemoryJournal, config: object = {}): Promise<LogsStore> {
  const store = await createLogsStore({
    engine: engine.engine,
    journal,
    clock: new ManualClock(NOW),
    names: createServiceNames(new Map()),
    telemetry: createTelemetry(),
    log: silentLog,
    config: logsSection.schema.parse(config),
    breathe: () => Promise.resolve(),
  });
  await store.service.start?.(new AbortController().signal);
  return store;
}

async function send(store: LogsStore, tenant: string, lines: readonly Sent[]): Promise<LogReport> {
  const appender = store.sink.appender(tenant);
  for (const { labels, time, message, metadata = [] } of lines) {
    const stream = appender.stream(Labels.fromRecord(labels));
    if (typeof stream !== 'number') {
      appender.refuse(stream);
      continue;
    }
    const bytes = Buffer.from(message);
    appender.append(stream, {
      time: timeOfNanos(time),
      bytes,
      start: 0,
      end: bytes.length,
      metadata: [...metadata],
    });
  }
  return appender.commit();
}

const query = (tenant: string, extra: Partial<LineQuery> = {}): LineQuery => ({
  tenant,
  from: 0n,
  to: BigInt(NOW + DAY) * MS,
  direction: 'backward',
  limit: 1000,
  ...extra,
});

describe('lines', () => {
  let journal: MemoryJournal;
  let tenant: string;
  let tenants = 0;
  beforeEach(() => {
    journal = createMemoryJournal();
    tenant = `t${tenants++}`;
  });

  it('are found over memory, engine and a restart, in order, with nanoseconds, labels, ids and metadata', async () => {
    let store = await open(journal);
    const line = (i: number): Sent => ({
      labels: { app: i % 2 === 0 ? 'cart-service' : 'auth', env: 'prod' },
      time: BigInt(NOW - i * DAY) * MS + BigInt(i),
      message: i === 3 ? `ERROR Ünï "quoted"\nline of trace_id=${TRACE}` : `message number ${i}`,
      metadata: i === 2 ? ['correlation_id', 'c-2', 'request_id', 'r-2'] : [],
    });
    expect(await send(store, tenant, [0, 1, 2, 3].map(line))).toEqual({
      stored: 4,
      duplicates: 0,
      refused: [],
    });
    await flushTables(engine.engine, journal, logsTables);
    await send(store, tenant, [line(4), line(5)]);
    const check = async (): Promise<void> => {
      const { lines, more, warnings } = await store.search(query(tenant));
      expect({ more, warnings }).toEqual({ more: false, warnings: [] });
      expect(lines.map(({ message, place }) => [message, place.time])).toEqual(
        [0, 1, 2, 3, 4, 5].map((i) => [line(i).message, line(i).time]),
      );
      expect(lines[3]).toMatchObject({ service: 'auth', level: 'error', trace: TRACE, request: '' });
      expect(lines[3]?.labels.toString()).toBe('{app="auth", env="prod", service_name="auth"}');
      expect(lines[2]).toMatchObject({
        service: 'cart',
        level: 'unknown',
        request: 'r-2',
        metadata: ['correlation_id', 'c-2', 'request_id', 'r-2'],
      });
      const oldest = await store.search(query(tenant, { direction: 'forward', limit: 2 }));
      expect(oldest.lines.map(({ message }) => message)).toEqual([line(5).message, line(4).message]);
      expect(oldest.more).toBe(true);
    };
    await check();
    store = await open(journal);
    await check();
    expect((await store.search(query('nobody'))).lines).toEqual([]);
  });

  it('are stored once, however often they are sent, also over a restart and at the same moment', async () => {
    let store = await open(journal);
    const lines = Array.from({ length: 50 }, (_, i) => ({
      labels: { app: 'a' },
      time: BigInt(NOW - i) * MS,
      message: `line ${i}`,
    }));
    const twice = await Promise.all([send(store, tenant, lines), send(store, tenant, [...lines, ...lines])]);
    expect(twice.map(({ stored, duplicates }) => [stored, duplicates])).toEqual([
      [50, 0],
      [0, 100],
    ]);
    expect(await send(store, tenant, lines)).toMatchObject({ stored: 0, duplicates: 50 });
    expect(await send(store, 'other', lines.slice(0, 3))).toMatchObject({ stored: 3 });
    const same = lines.slice(0, 1).map((line) => ({ ...line, message: 'other text' }));
    expect(await send(store, tenant, [...same, { ...lines[0], labels: { app: 'b' } } as Sent])).toMatchObject(
      { stored: 2 },
    );
    store = await open(journal);
    expect(await send(store, tenant, lines)).toMatchObject({ stored: 0, duplicates: 50 });
    await flushTables(engine.engine, journal, logsTables);
    store = await open(createMemoryJournal());
    expect(await send(store, tenant, lines)).toMatchObject({ stored: 0, duplicates: 50 });
    expect((await store.search(query(tenant))).lines).toHaveLength(52);
  });

  it('are stored once over a restart also where they tell of hours or days ago', async () => {
    const lines = Array.from({ length: 50 }, (_, i) => ({
      labels: { app: 'late' },
      time: BigInt(NOW - 2 * 3_600_000 - (i % 3) * DAY) * MS + BigInt(i),
      message: `late line ${i}`,
    }));
    expect(await send(await open(journal), tenant, lines)).toMatchObject({ stored: 50, duplicates: 0 });
    await flushTables(engine.engine, journal, logsTables);
    const store = await open(createMemoryJournal());
    expect(await send(store, tenant, lines)).toMatchObject({ stored: 0, duplicates: 50 });
  });

  it('wait for their twin, and are stored when that one failed', async () => {
    const store = await open(journal);
    const line = [{ labels: { app: 'a' }, time: BigInt(NOW) * MS, message: 'x' }];
    const append = journal.append.bind(journal);
    let calls = 0;
    journal.append = (frames) => (calls++ === 0 ? Promise.reject(new Error('no disk')) : append(frames));
    const [first, second] = await Promise.allSettled([send(store, tenant, line), send(store, tenant, line)]);
    expect(first).toMatchObject({ status: 'rejected' });
    expect(second).toMatchObject({ status: 'fulfilled', value: { stored: 1, duplicates: 0 } });
  });

  it('are refused one by one, with the reason, and the rest is kept', async () => {
    const store = await open(journal, { max_line: 10, accept_past: '1h', max_labels: 2, stream_limit: 2 });
    const at = (ms: number, message: string, labels: Record<string, string> = { app: 'a' }): Sent => ({
      labels,
      time: BigInt(ms) * MS,
      message,
    });
    const report = await send(store, tenant, [
      at(NOW, 'good'),
      at(NOW - 2 * 3_600_000, 'old'),
      at(NOW + 3_600_000, 'ahead'),
      at(NOW, 'x'.repeat(11)),
      at(NOW, 'y', {}),
      at(NOW, 'y', { a: '1', b: '2', c: '3' }),
      at(NOW, 'second', { app: 'b' }),
      at(NOW, 'third', { app: 'c' }),
    ]);
    expect(report.stored).toBe(2);
    expect(report.refused.map(({ reason, count }) => `${reason} ${count}`)).toEqual([
      'too_old 1',
      'too_far_ahead 1',
      'line_too_long 1',
      'labels_missing 1',
      'too_many_labels 1',
      'stream_limit 1',
    ]);
    expect(report.refused[2]?.message).toBe('the line has 11 bytes, expected at most 10');
  });

  it('are read on to their end, each once, where the engine holds some of them twice', async () => {
    const line = (i: number): Sent => ({
      labels: { app: 'cart' },
      time: BigInt(NOW - 3_600_000) * MS + BigInt(i),
      message: `line ${i}`,
    });
    const all = Array.from({ length: 12 }, (_, i) => line(i));
    const later = createMemoryJournal();
    const store = await open(later);
    await send(await open(journal), tenant, all.slice(0, 8));
    await flushTables(engine.engine, journal, logsTables);
    // What another process stored at the same time is unknown to this one.
    await send(store, tenant, all.slice(2, 8));
    await flushTables(engine.engine, later, logsTables);
    await send(
      store,
      tenant,
      [all[0], ...all.slice(8)].filter((one) => one !== undefined),
    );
    for (const direction of ['backward', 'forward'] as const)
      for (const limit of [1, 3, 5]) {
        const seen: string[] = [];
        for (let after: LineQuery['after']; ; ) {
          const page = await store.search(query(tenant, { direction, limit, ...(after && { after }) }));
          seen.push(...page.lines.map(({ message }) => message));
          after = page.lines.at(-1)?.place;
          if (!page.more || after === undefined) break;
        }
        const expected = all.map(({ message }) => message);
        expect(seen, `${direction} by ${limit}`).toEqual(
          direction === 'forward' ? expected : expected.reverse(),
        );
      }
  });

  it('agree with a plain model for any filter, page by page', async () => {
    const store = await open(journal);
    const random = seededRandom(7);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
    const sent: Sent[] = Array.from({ length: 600 }, (_, i) => ({
      labels: { app: pick(['auth', 'cart', 'user']) },
      time: BigInt(NOW - Math.floor(random() * 50)) * MS + BigInt(Math.floor(random() * 3)),
      message: `${pick(['INFO', 'ERROR', 'warn'])} ${pick(['Login', 'log-in', 'payment'])} ${pick(['failed', 'done'])} ${i}`,
      metadata: random() < 0.3 ? ['user', pick(['ann', 'bob'])] : [],
    }));
    await send(store, tenant, sent.slice(0, 300));
    await flushTables(engine.engine, journal, logsTables);
    await send(store, tenant, sent.slice(300));
    const filters: Partial<LineQuery>[] = [
      {},
      { services: ['auth', 'user'] },
      { levels: ['error'], services: ['cart'] },
      { words: ['login'] },
      { words: ['log', 'failed'] },
      { metadata: new Map([['user', 'ann']]) },
      { from: BigInt(NOW - 20) * MS, to: BigInt(NOW - 5) * MS + 1n },
    ];
    for (const filter of filters) {
      const expected = sent.filter((line) => accepts(line, filter)).length;
      for (const direction of ['backward', 'forward'] as const) {
        const seen: bigint[] = [];
        const messages = new Set<string>();
        let after: LineQuery['after'];
        for (;;) {
          const page = await store.search(
            query(tenant, { ...filter, direction, limit: 70, ...(after && { after }) }),
          );
          for (const { place, message } of page.lines) {
            seen.push(place.time);
            messages.add(message);
          }
          after = page.lines.at(-1)?.place;
          if (!page.more || after === undefined) break;
        }
        expect(messages.size).toBe(expected);
        expect(seen).toHaveLength(expected);
        const sorted = seen.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        expect(seen).toEqual(direction === 'forward' ? sorted : sorted.reverse());
      }
    }
  });
});

function accepts({ labels, time, message, metadata = [] }: Sent, filter: Partial<LineQuery>): boolean {
  const words = message.toLowerCase().split(/[^a-z0-9]+/);
  const level = message.split(' ')[0]?.toLowerCase() ?? '';
  return (
    (filter.services?.includes(labels['app'] ?? '') ?? true) &&
    (filter.levels?.includes(level) ?? true) &&
    (filter.words?.every((word) => words.includes(word)) ?? true) &&
    (filter.metadata === undefined || metadata[1] === filter.metadata.get('user')) &&
    time >= (filter.from ?? 0n) &&
    time < (filter.to ?? 2n ** 63n)
  );
}
