import {
  CONTRACT_ENTRIES,
  CONTRACT_QUERIES,
  type ContractEntry,
  differencesFromMemory,
} from '@pharos/logql/testing';
import { Labels } from '@pharos/promql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, engineErrors } from '../../engine/index.ts';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { createMemoryJournal, flushTables, type MemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { logsSection } from '../config.ts';
import { createLogMetrics } from '../log-metrics.ts';
import { logsTables } from '../tables.ts';
import { asStored, openLogsStore, pushEntries } from '../testing/contract-store.ts';
import type { LogsStore } from './store.ts';

const START = 1_767_225_600_000;

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine(logsTables);
});
afterAll(() => engine.close());

const GONE = engineErrors.make('gone', 'the engine is down');

const open = (journal: MemoryJournal, over: Engine = engine.engine): Promise<LogsStore> =>
  openLogsStore(over, journal, START + 60_000);

const levelled = [
  'sum by (detected_level) (count_over_time({app=~".+"}[5s]))',
  'sum by (level, detected_level, app) (bytes_over_time({app=~".+"} | drop __error__ [4s]))',
  'sum(count_over_time({app=~".+"} | detected_level=~"error|warn" [9s]))',
  '{app=~".+"} | detected_level!="error" |~ "(?i)LEVEL=e.*took=[13]+"',
  'sum by (trace) (count_over_time({service_name=~".+"} !~ "(error|two).*" [11s]))',
];

const PARTS = 6;

/** Where our RE2 and the engine's might differ, and which texts are looked up as words first. */
const PATTERNS = [
  'a.b',
  'two.lines',
  '(?s)two.lines',
  '^$',
  '^level|error$',
  'took=[0-9]+ms GET',
  '(?i)größe',
  '(?i)LEVEL',
  'n":\\\\d+,',
  'Gr\\\\pL',
  '[^a]ERROR',
  '(GET|PUT) /x/(1|2)',
  '\\\\s/x/\\\\d',
  '10[.]0[.]0[.]',
  'lines error',
  '.',
  'x{2}|',
];
const filtered = [
  ...PATTERNS.flatMap((pattern) => [
    `{app=~".+"} |~ "${pattern}"`,
    `sum(count_over_time({app=~".+"} !~ "${pattern}" [9s]))`,
  ]),
  ...['GET /x/', ' from ', 'took=3ms GET', ' "Größe', '', 'e"', '%', '_'].flatMap((text) => [
    `{app=~".+"} |= ${JSON.stringify(text)}`,
    `sum(count_over_time({app=~".+"} != ${JSON.stringify(text)} or "x" [9s]))`,
  ]),
];

/** Each query is some ten statements of the engine: all of them in one test are too many for a machine with other things to do. */
const inParts = (queries: readonly string[]): string[][] =>
  Array.from({ length: PARTS }, (_, part) => queries.filter((_query, i) => i % PARTS === part));

describe('a reader keeps the contract', () => {
  const some = CONTRACT_QUERIES.filter((_, i) => i % 6 === 0);
  type Case = readonly [string, readonly ContractEntry[], readonly ContractEntry[], readonly string[]];
  it.each<Case>([
    ['in the engine', CONTRACT_ENTRIES, [], [...some, ...levelled, ...filtered]],
    ['in memory', [], CONTRACT_ENTRIES, [...some, ...levelled]],
    ['half in the engine', CONTRACT_ENTRIES.slice(0, 30), CONTRACT_ENTRIES.slice(30), [...some, ...levelled]],
    ...inParts([...CONTRACT_QUERIES, ...levelled]).map(
      (queries, part): Case => [
        `one line here, one there, part ${part + 1}`,
        CONTRACT_ENTRIES.filter((_, i) => i % 2 === 0),
        CONTRACT_ENTRIES.filter((_, i) => i % 2 === 1),
        queries,
      ],
    ),
  ])('%s', async (tenant, stored, recent, queries) => {
    const journal = createMemoryJournal();
    const store = await open(journal);
    await pushEntries(store, tenant, stored);
    await flushTables(engine.engine, journal, logsTables);
    await pushEntries(store, tenant, recent);
    const reader = store.reader(tenant);
    expect(await differencesFromMemory(reader, queries, asStored(CONTRACT_ENTRIES))).toEqual([]);
    expect(reader.warnings).toEqual([]);
    expect(reader.counted > 0).toBe(stored.length > 0);
  });

  it.each(
    inParts([...CONTRACT_QUERIES.filter((_, i) => i % 3 === 0), ...levelled]).map(
      (queries, part) => [part + 1, queries] as const,
    ),
  )('while lines are in memory and in the engine, part %i', async (part, queries) => {
    const tenant = `twice-${part}`;
    const journal = createMemoryJournal();
    const store = await open(journal);
    await pushEntries(store, tenant, CONTRACT_ENTRIES);
    // What the flusher has inserted and not yet said so.
    const silent = { ...journal, flush: () => {}, flushedPosition: () => 0 };
    await flushTables(engine.engine, silent, logsTables);
    const reader = store.reader(tenant);
    expect(await differencesFromMemory(reader, queries, asStored(CONTRACT_ENTRIES))).toEqual([]);
  });

  it('page by page, also where many lines have one time', async () => {
    const journal = createMemoryJournal();
    const store = await open(journal);
    const entries = Array.from(
      { length: 4000 },
      (_, i): ContractEntry => ({
        stream: Labels.fromRecord({ app: i % 3 === 0 ? 'a' : 'b' }),
        timestamp: BigInt(START + 3000) * 1_000_000n + (i < 2500 ? 0n : BigInt(i)),
        line: `took=${i} id=${i % 10}`,
        metadata: Labels.EMPTY,
      }),
    );
    await pushEntries(store, 'pages', entries.slice(0, 3700));
    await flushTables(engine.engine, journal, logsTables);
    await pushEntries(store, 'pages', entries.slice(3000));
    const queries = [
      'sum by (id) (count_over_time({app=~"a|b"} | logfmt [10s]))',
      'max_over_time({app="a"} | logfmt | unwrap took [10s]) by (app)',
      '{app="b"} | logfmt | id="7"',
      '{app="b"} |= "id=7"',
      '{app="b"} |= "id=7" | took > 3000',
    ];
    expect(await differencesFromMemory(store.reader('pages'), queries, asStored(entries))).toEqual([]);
  });
});

it('counts no line for another stream that comes while it counts', async () => {
  const journal = createMemoryJournal();
  const [first] = CONTRACT_ENTRIES;
  if (first === undefined) throw new Error('the contract has no entries');
  let counts = 0;
  const slow: Engine = {
    ...engine.engine,
    query: async (statement, options) => {
      if (options.purpose === 'logs.count' && counts++ === 0) {
        await pushEntries(store, 'late', [{ ...first, stream: Labels.fromRecord({ app: 'late' }) }]);
        await flushTables(engine.engine, journal, logsTables);
      }
      return engine.engine.query(statement, options);
    },
    state: () => 'ready',
  };
  const store = await open(journal, slow);
  await pushEntries(store, 'late', CONTRACT_ENTRIES.slice(0, 20));
  await flushTables(engine.engine, journal, logsTables);
  const counted = await store.reader('late').count({
    matchers: [],
    lineFilters: [],
    labelFilters: [],
    what: 'lines',
    windows: { end: BigInt(START + 60_000) * 1_000_000n, stepNs: 1, rangeNs: 120e9, count: 1 },
    grouping: { without: false, labels: ['app'] },
  });
  expect(counts).toBe(2);
  expect(counted?.map(({ labels, values }) => [labels.get('app'), values[0]]).sort()).toEqual([
    ['a', 7],
    ['b', 13],
  ]);
});

it('counts a line at the edge of a window where it belongs, in windows of whole seconds and in others', async () => {
  const journal = createMemoryJournal();
  const store = await open(journal);
  const second = 1_000_000_000n;
  const edge = BigInt(START + 10_000) * 1_000_000n;
  const [first] = CONTRACT_ENTRIES;
  if (first === undefined) throw new Error('the contract has no entries');
  const times = [-1n, 0n, 1n, second - 1n, second, second + 1n, 2n * second].map((after) => edge + after);
  const entries = times.map((timestamp) => ({ ...first, timestamp }));
  await pushEntries(store, 'edges', entries);
  await flushTables(engine.engine, journal, logsTables);
  for (const shift of [0n, 1n, -1n, 500_000_000n]) {
    const end = edge + 2n * second + shift;
    const counted = await store.reader('edges').count({
      matchers: [],
      lineFilters: [],
      labelFilters: [],
      what: 'lines',
      windows: { end, stepNs: 1e9, rangeNs: 1e9, count: 3 },
      grouping: { without: false, labels: [] },
    });
    const expected = [0n, 1n, 2n].map((step) => {
      const to = end + step * second;
      return times.filter((time) => time > to - second && time <= to).length;
    });
    expect([...(counted?.[0]?.values ?? [])]).toEqual(expected);
  }
});

it('counts series without a grouping in the engine, and reads lines that have too much of their own', async () => {
  const journal = createMemoryJournal();
  const store = await open(journal);
  const entries = (count: number, ids: number): ContractEntry[] =>
    Array.from({ length: count }, (_, i) => ({
      stream: Labels.fromRecord({ app: i % 2 === 0 ? 'a' : 'b' }),
      timestamp: BigInt(START + i) * 1_000_000n,
      line: 'x'.repeat(i % 3),
      metadata: Labels.fromRecord({ id: `${i % ids}`, app: 'meta' }),
    }));
  const ask = async (tenant: string, what: 'lines' | 'bytes') => {
    const reader = store.reader(tenant);
    const counted = await reader.count({
      matchers: [],
      lineFilters: [],
      labelFilters: [],
      what,
      windows: { end: BigInt(START + 60_000) * 1_000_000n, stepNs: 1, rangeNs: 120e9, count: 1 },
      grouping: undefined,
    });
    const texts = counted?.map(
      ({ labels, values }) => `${labels.get('app')} ${labels.get('id')} ${values[0]}`,
    );
    return { texts: texts?.sort(), counted: reader.counted };
  };
  await pushEntries(store, 'few', entries(12, 2));
  await pushEntries(store, 'many', entries(7000, 7000));
  await flushTables(engine.engine, journal, logsTables);
  expect(await ask('few', 'lines')).toEqual({ texts: ['a 0 6', 'b 1 6'], counted: 12 });
  expect(await ask('few', 'bytes')).toEqual({ texts: ['a 0 6', 'b 1 6'], counted: 12 });
  await pushEntries(store, 'few', entries(13, 2));
  expect((await ask('few', 'lines')).texts).toEqual(['a 0 7', 'b 1 6']);
  expect(await ask('many', 'lines')).toEqual({ texts: undefined, counted: 0 });
});

it('tells of the first line of what a query reads, wherever it is, whatever else there is', async () => {
  const journal = createMemoryJournal();
  const store = await open(journal);
  const line = (app: string, ms: number): ContractEntry => ({
    stream: Labels.fromRecord({ app }),
    timestamp: BigInt(START + ms) * 1_000_000n,
    line: 'quiet',
    metadata: Labels.EMPTY,
  });
  const metrics = createLogMetrics({
    store,
    clock: new ManualClock(START),
    config: logsSection.schema.parse({}),
    tenant: 'first',
    breathe: () => Promise.resolve(),
    asker: 'back_test',
  });
  const first = async (app: string, from = -86_400_000) => {
    const query = `sum(count_over_time({app="${app}"} |= "loud" [5m]))`;
    const within = { from: START + from, to: START + 60_000 };
    return ((await metrics.firstLine(query, within, new AbortController().signal)) ?? Number.NaN) - START;
  };
  const many = Array.from({ length: 3000 }, (_, i) => line('busy', -3_600_000 + i * 1000));
  await pushEntries(store, 'first', [...many, line('rare', -7000), line('rare', -9000)]);
  await flushTables(engine.engine, journal, logsTables);
  await pushEntries(store, 'first', [line('rare', -8000), line('new', -500)]);
  expect([await first('rare'), await first('new'), await first('busy'), await first('none')]).toEqual([
    -9000,
    -500,
    -3_600_000,
    Number.POSITIVE_INFINITY,
  ]);
  expect([await first('rare', -8500), await first('busy', -3_599_500)]).toEqual([-8000, -3_599_000]);
});

it('answers what is in memory while the engine is away, and says so', async () => {
  const journal = createMemoryJournal();
  const away: Engine = { ...engine.engine, state: () => 'down', query: () => Promise.reject(GONE) };
  const store = await open(journal, away);
  await pushEntries(store, 'away', CONTRACT_ENTRIES.slice(0, 20));
  const reader = store.reader('away');
  const entries = asStored(CONTRACT_ENTRIES.slice(0, 20));
  expect(await differencesFromMemory(reader, ['{app="a"}', ...levelled], entries)).toEqual([]);
  expect(reader.warnings).toEqual([
    'storage: only lines of the last moments are in this answer: the engine is not available',
  ]);
});
