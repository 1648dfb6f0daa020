import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  join,
  RowBinaryWriter,
  type Sql,
  sql,
  type TableSpec,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { logGramsTable, logSignaturesTable, logsTable } from '../tables.ts';
import { ChunkWriter } from './chunk.ts';
import { gramsOf } from './grams.ts';
import { hasWords, NEVER } from './line-conditions.ts';
import { nanosTime } from './nanos-time.ts';
import { OLDEST, olderBits, SLICE_BYTES } from './older-grams.ts';
import { wordsOf } from './query.ts';
import { bucketsOf, inSpans, textParts, textSpans } from './text-windows.ts';
import type { SoughtText } from './texts.ts';

const MS = 1_767_225_600_000;
const HOUR = 3_600_000_000_000n;
const START = BigInt(MS) * 1_000_000n;
const MINUTE = 60_000;
const DAY = Math.floor(MS / 86_400_000);
const WINDOW = { from: START, to: START + 86_400_000_000_000n };
/** Of whose older signatures slices are looked at here, and not by the engine. */
const SHORT = { from: START, to: START + 3n * HOUR };
const ZERO = { low: 0, high: 0 };

const inText = (text: string): readonly SoughtText[] => [{ text, isWord: false }];

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine([logsTable, logSignaturesTable, logGramsTable]);
});
afterAll(() => engine.close());

/** Each line so long after the one before: after two minutes in a signature of its own. */
async function store(tenant: string, lines: readonly Uint8Array[], apart = 2 * MINUTE): Promise<void> {
  const writer = new ChunkWriter(tenant, DAY);
  const ids = { trace: '', span: '', request: '' };
  for (const [i, line] of lines.entries()) {
    const fields = { stream: ZERO, id: { low: i, high: 0 }, service: 's', level: 'info', ids, metadata: [] };
    writer.add({ time: { ms: MS + i * apart, nanos: i }, ...fields }, line);
  }
  const { rows, payload } = writer.take();
  await engine.engine.insert(
    { table: logsTable, schemaVersion: 1, rows, day: DAY, payload: [payload], reconcile: false },
    { purpose: 'test' },
  );
}

async function found(tenant: string, conditions: readonly Sql[]): Promise<number[]> {
  const block = await engine.engine.query(
    sql`SELECT toUInt32(id) AS line FROM ${table(logsTable)} WHERE tenant = ${tenantHole} AND ${join(conditions, ' AND ')} ORDER BY line`,
    { purpose: 'test', tenant },
  );
  return block.rows === 0 ? [] : [...block.numbers('line')];
}

/** What may hold the text, as a condition on each line, where a search has it for its index alone. */
async function times(tenant: string, texts: readonly SoughtText[], window = WINDOW): Promise<readonly Sql[]> {
  const inside = [sql`ts >= ${nanosTime(window.from)}`, sql`ts < ${nanosTime(window.to)}`];
  if (!texts.some((text) => gramsOf(text).length > 0)) return inside;
  const spans = await textSpans(engine.engine, { tenant, window, texts });
  const time = (micros: number): Sql => nanosTime(BigInt(micros) * 1000n);
  const each = spans.map(({ from, to }) => sql`ts >= ${time(from)} AND ts < ${time(to + 1)}`);
  return [...inside, sql`(${join([NEVER, ...each], ' OR ')})`];
}

const alphabet = [
  'a',
  'B',
  'c',
  '0',
  '7',
  ' ',
  '_',
  '%',
  '\\',
  '"',
  "'",
  '.',
  'é',
  'Ü',
  '😀',
  '\ufffd',
  '\n',
  '\0',
];
const text = (maxLength: number) =>
  fc.array(fc.constantFrom(...alphabet), { minLength: 1, maxLength }).map((parts) => parts.join(''));
const line = fc.array(text(9), { minLength: 1, maxLength: 4 }).map((parts) => Buffer.from(parts.join('')));
/** Whole lines, parts of lines and whatever else. */
const search = fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 12 }), text(8), fc.boolean());

it('no line that holds a text or its words is left out', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 5, maxLength: 25 }),
      fc.array(search, { minLength: 6, maxLength: 6 }),
      async (lines, searches) => {
        const tenant = `t${run}`;
        const window = run++ % 2 === 0 ? WINDOW : SHORT;
        await store(tenant, lines);
        for (const [which, from, length, other, isOther] of searches) {
          const chars = Array.from(lines[which % lines.length]?.toString() ?? '');
          const at = from % chars.length;
          const needle = isOther ? other : chars.slice(at, at + length).join('');
          const exact = sql`position(message, ${needle}) > 0`;
          expect(await found(tenant, [exact, ...(await times(tenant, inText(needle), window))])).toEqual(
            await found(tenant, [exact]),
          );
          const words = wordsOf(needle);
          if (words.length === 0) continue;
          const tokens = sql`hasAllTokens(lower(message), ${words})`;
          expect(
            await found(tenant, [
              hasWords(words),
              ...(await times(
                tenant,
                words.map((text) => ({ text, isWord: true })),
                window,
              )),
            ]),
          ).toEqual(await found(tenant, [tokens]));
        }
      },
    ),
    { numRuns: 4 },
  );
});

it('no line is left out where signatures of thousands of lines lie side by side', async () => {
  const lines = Array.from({ length: 25_000 }, (_, i) =>
    Buffer.from(
      `GET /${(Math.imul(i + 1, 0x9e3779b1) >>> 0).toString(16)} ${Math.imul(i + 1, 0x85ebca6b)} in ${i} ms`,
    ),
  );
  await store('large', lines, 10);
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: lines.length - 1 }),
      fc.nat(),
      fc.integer({ min: 5, max: 12 }),
      async (which, from, length) => {
        const line = lines[which]?.toString() ?? '';
        const needle = line.slice(from % (line.length - 4)).slice(0, length);
        const exact = sql`position(message, ${needle}) > 0`;
        expect(await found('large', [exact, ...(await times('large', inText(needle)))])).toEqual(
          await found('large', [exact]),
        );
      },
    ),
    { numRuns: 25 },
  );
  const spans = await textSpans(engine.engine, {
    tenant: 'large',
    window: WINDOW,
    texts: inText('6b2f0c91aa'),
  });
  expect(spans.reduce((sum, { from, to }) => sum + to - from, 0)).toBeLessThan(125_000_000);
});

it('groups that cannot be told apart may hold every text, as lines of which nothing is known', async () => {
  const rows = new RowBinaryWriter();
  const head = (minutes: number, ...words: readonly number[]): void => {
    rows.string('alike');
    rows.int64((MS + minutes * MINUTE) * 1000);
    rows.uint16(0);
    rows.varUint(words.length);
    for (const word of words) rows.uint32(word);
    rows.endRow();
  };
  head(0, 6, 1, 0, 10);
  head(0, 6, 2, 20, 30);
  head(1, 255, 0, 40);
  const { payload, rows: count } = rows.take();
  await engine.engine.insert(
    {
      table: logSignaturesTable,
      schemaVersion: 1,
      rows: count,
      day: DAY,
      payload: [payload],
      reconcile: false,
    },
    { purpose: 'test' },
  );
  const spans = await textSpans(engine.engine, {
    tenant: 'alike',
    window: WINDOW,
    texts: inText('8f3a2c91'),
  });
  expect(spans.map(({ from, to }) => [from / 1000 - MS, (to - 999) / 1000 - MS])).toEqual([
    [0, 10],
    [20, 30],
    [MINUTE, MINUTE + 40],
  ]);
});

it('leaves out what holds no such text, within the window asked for and its day', async () => {
  await store('read', [
    Buffer.from('order ord_8f3a2c91b4 placed'),
    Buffer.from('short EOF here'),
    Buffer.from('order ord_8f3a2c91b4 sent'),
  ]);
  const lines = async (texts: readonly SoughtText[], window = WINDOW) =>
    found('read', [sql`1 = 1`, ...(await times('read', texts, window))]);
  expect(await lines(inText('8F3a2c'))).toEqual([0, 2]);
  expect(await lines(inText(' eof '))).toEqual([1]);
  expect(await lines(inText('7f3a2c'))).toEqual([]);
  expect(await lines(inText('8F3a2c'), SHORT)).toEqual([0, 2]);
  expect(await lines(inText('7f3a2c'), SHORT)).toEqual([]);
  expect(await lines([])).toEqual([0, 1, 2]);
  expect(await lines(inText('8f3a2c'), { from: START + 1n, to: WINDOW.to })).toEqual([2]);
  expect(await lines(inText('8f3a2c'), { from: START, to: START + 1n })).toEqual([0]);
  expect(await lines(inText('8f3a2c'), { from: WINDOW.to, to: WINDOW.to + 5n })).toEqual([]);
  expect(
    await textSpans(engine.engine, { tenant: 'nobody', window: WINDOW, texts: inText('8f3a2c') }),
  ).toEqual([]);
});

/** A signature of the earliest kind, of one slice. */
async function storeOlder(tenant: string, line: string, ms: number): Promise<void> {
  const rows = new RowBinaryWriter();
  const slice = new Uint8Array(SLICE_BYTES);
  for (const bit of olderBits({ text: line, isWord: false }).filter((bit) => bit >= OLDEST)) {
    const place = bit % (SLICE_BYTES * 8);
    slice[place >>> 3] |= 1 << (place & 7);
  }
  rows.string(tenant);
  rows.int64(ms * 1000);
  rows.uint16(1);
  rows.int64(ms * 1000);
  rows.fixed(slice);
  rows.endRow();
  const { payload } = rows.take();
  await engine.engine.insert(
    { table: logGramsTable, schemaVersion: 1, rows: 1, day: DAY, payload: [payload], reconcile: false },
    { purpose: 'test' },
  );
}

it('signatures of the earlier kinds are looked through too', async () => {
  const lines = ['order ord_8f3a2c91b4 placed', 'mail sent to ord_77c0ffee11'];
  // An engine that had none once is not asked again.
  const { query, insert } = engine.engine;
  const other = { query, insert };
  for (const [at, line] of lines.entries()) await storeOlder('older', line, MS + at * MINUTE);
  const found = async (text: string, window = SHORT) =>
    (await textSpans(other, { tenant: 'older', window, texts: inText(text) })).map(
      ({ from }) => (from / 1000 - MS) / MINUTE,
    );
  for (const window of [SHORT, WINDOW]) {
    expect(await found('ord_8f3a2c', window)).toEqual([0]);
    expect(await found('C0FFEE', window)).toEqual([1]);
    expect(await found('c0ffed', window)).toEqual([]);
    // Five letters are no piece of that kind: nothing can be told.
    expect(await found('xyzxy', window)).toEqual([0, 1]);
  }
});

describe('a search goes through its time in parts', () => {
  const at = (from: bigint, to: bigint) => ({ from: START + from * HOUR, to: START + to * HOUR });
  const partsOf = async (backward: boolean, window: typeof WINDOW, texts: readonly SoughtText[]) => {
    let statements = 0;
    const counting = {
      query: (...args: Parameters<typeof engine.engine.query>) => {
        if (args[1].purpose === 'logs.grams') statements++;
        return engine.engine.query(...args);
      },
    };
    const parts: (readonly [typeof WINDOW, number])[] = [];
    for await (const part of textParts(counting, { tenant: 'read', window, texts, backward }))
      parts.push([part.window, statements]);
    return parts;
  };

  it.each([
    ['newest first', true, [at(21n, 24n), at(9n, 21n), at(0n, 9n)]],
    ['oldest first', false, [at(0n, 3n), at(3n, 15n), at(15n, 24n)]],
  ])('%s, and looks up the signatures of each when it is asked for', async (_, backward, windows) => {
    expect(await partsOf(backward, at(0n, 24n), inText('8f3a2c'))).toEqual(
      windows.map((window, i) => [window, i + 1]),
    );
  });

  it('without a short one at the end, and at once where nothing is to be looked up', async () => {
    expect(await partsOf(true, at(0n, 18n), inText('8f3a2c'))).toEqual([
      [at(15n, 18n), 1],
      [at(0n, 15n), 2],
    ]);
    expect(await partsOf(true, at(0n, 24n), [])).toEqual([[at(0n, 24n), 0]]);
  });
});

it('few times and many are read without what lies between them', async () => {
  await store(
    'many',
    Array.from({ length: 9000 }, () => Buffer.from('a')),
    1000,
  );
  for (const wanted of [
    [3, 6500],
    [3, 5, 7, 9, 11, 6500, 6502, 6504],
  ]) {
    const spans = wanted.map((line) => ({
      from: (MS + line * 1000) * 1000,
      to: (MS + line * 1000) * 1000 + 999,
    }));
    const lines = await found('many', [inSpans(spans)]);
    expect(lines).toEqual(expect.arrayContaining(wanted));
    expect(lines.length).toBeLessThan(9000);
  }
});

describe('times become buckets', () => {
  const second = 1_000_000;

  it('of a second where they are few', () => {
    const spans = [
      { from: 5 * second + 7, to: 6 * second },
      { from: 6 * second + 1, to: 6 * second + 2 },
      { from: 9 * second - 1, to: 9 * second - 1 },
    ];
    expect(bucketsOf(spans)).toEqual({ seconds: 1, numbers: [5, 6, 8] });
    expect(bucketsOf([])).toEqual({ seconds: 1, numbers: [] });
  });

  it('of more seconds where they are many, and leave out no time', () => {
    const span = fc.record({ from: fc.nat({ max: 2 ** 40 }), length: fc.nat({ max: 2 ** 32 }) });
    fc.assert(
      fc.property(fc.array(span, { maxLength: 60 }), (made) => {
        const spans = made
          .map(({ from, length }) => ({ from, to: from + length }))
          .sort((a, b) => a.from - b.from);
        const { seconds, numbers } = bucketsOf(spans);
        expect(numbers.length).toBeLessThanOrEqual(1000);
        const has = new Set(numbers);
        for (const { from, to } of spans)
          for (const time of [from, to, Math.floor((from + to) / 2)])
            expect(has.has(Math.floor(time / second / seconds))).toBe(true);
        const touches = (at: number): boolean =>
          spans.some(({ from, to }) => from < (at + 1) * seconds * second && to >= at * seconds * second);
        expect(numbers.every(touches)).toBe(true);
        expect(numbers.every((at, i) => i === 0 || at > (numbers[i - 1] ?? 0))).toBe(true);
      }),
    );
  });
});

describe('lines that were stored by an older version', () => {
  const { index: _index, retired = [], ...rest } = logsTable;
  const unindexed = { ...rest, retired: retired.filter(({ since }) => since < 5) };
  const insert = async (table: TableSpec, at: number, message: string, ms = 0): Promise<void> => {
    const writer = new ChunkWriter('old', DAY + at);
    const ids = { trace: '', span: '', request: '' };
    const fields = { stream: ZERO, id: { low: at, high: 0 }, service: 's', level: 'info', ids, metadata: [] };
    writer.add({ time: { ms: MS + at * 86_400_000 + ms, nanos: 7 }, ...fields }, Buffer.from(message));
    const { rows, payload } = writer.take();
    await engine.engine.insert(
      { table, schemaVersion: 1, rows, day: DAY + at, payload: [payload], reconcile: false },
      { purpose: 'test' },
    );
  };
  /** Another engine from now on, over the tables of an older version or those of an older engine. */
  const open = async (tables: readonly TableSpec[], directory?: string): Promise<void> => {
    await (directory === undefined ? engine.close() : engine.engine.stop());
    const opened = await openTestEngine(tables, directory === undefined ? {} : { directory });
    engine = directory === undefined ? opened : { ...engine, engine: opened.engine };
  };
  const all = { from: START, to: START + 2n * 86_400_000_000_000n };
  const search = async (text: string) =>
    found('old', [sql`1 = 1`, ...(await times('old', inText(text), all))]);

  it('before there were signatures are read as they are', async () => {
    await open([unindexed]);
    await insert(unindexed, 0, 'order ord_8f3a2c91b4 placed');
    await insert(unindexed, 1, 'order ord_8f3a2c91b4 sent');
    await open([logsTable, logSignaturesTable, logGramsTable], engine.directory);
    await insert(logsTable, 1, 'mail left', 5);
    expect(await search('8f3a2c')).toEqual([0, 1]);
  });

  it('with signatures of that time are found by them', async () => {
    const indexed: TableSpec = {
      ...logsTable,
      index: { table: logGramsTable, rowsOf: function* () {}, since: 5, forOlder: [] },
    };
    await open([indexed, logGramsTable]);
    await insert(indexed, 0, 'order ord_8f3a2c91b4 placed');
    await storeOlder('old', 'order ord_8f3a2c91b4 placed', MS);
    await open([logsTable, logSignaturesTable, logGramsTable], engine.directory);
    await insert(logsTable, 1, 'order ord_8f3a2c91b4 sent');
    expect(await search('8f3a2c')).toEqual([0, 1]);
    expect(await search('7f3a2c')).toEqual([]);
    // An older version would not know where the texts of the newer lines are.
    await engine.engine.stop();
    await expect(openTestEngine([indexed, logGramsTable], { directory: engine.directory })).rejects.toThrow(
      /newer/,
    );
  });
});
