import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { join, RowBinaryWriter, type Sql, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { logGramsTable, logsTable } from '../tables.ts';
import { ChunkWriter } from './chunk.ts';
import { OLDER, SLICE_BYTES, textBits, wordBits } from './grams.ts';
import { hasWords, NEVER } from './line-conditions.ts';
import { nanosTime } from './nanos-time.ts';
import { wordsOf } from './query.ts';
import { bucketsOf, inSpans, textParts, textSpans } from './text-windows.ts';

const MS = 1_767_225_600_000;
const HOUR = 3_600_000_000_000n;
const START = BigInt(MS) * 1_000_000n;
const MINUTE = 60_000;
const WINDOW = { from: START, to: START + 86_400_000_000_000n };
/** Whose slices are looked at here, and not by the engine. */
const SHORT = { from: START, to: START + 3n * HOUR };
const ZERO = { low: 0, high: 0 };

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine([logsTable, logGramsTable]);
});
afterAll(() => engine.close());

/** Each line so long after the one before: after two minutes in a signature of its own. */
async function store(tenant: string, lines: readonly Uint8Array[], apart = 2 * MINUTE): Promise<void> {
  const day = Math.floor(MS / 86_400_000);
  const writer = new ChunkWriter(tenant, day);
  const ids = { trace: '', span: '', request: '' };
  for (const [i, line] of lines.entries()) {
    const fields = { stream: ZERO, id: { low: i, high: 0 }, service: 's', level: 'info', ids, metadata: [] };
    writer.add({ time: { ms: MS + i * apart, nanos: i }, ...fields }, line);
  }
  const { rows, payload } = writer.take();
  await engine.engine.insert(
    { table: logsTable, schemaVersion: 1, rows, day, payload: [payload], reconcile: false },
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

/** What may hold the text, as a condition on each line, where a search has it for its index alone if there is much of it. */
async function times(tenant: string, bits: readonly number[], window = WINDOW): Promise<readonly Sql[]> {
  const inside = [sql`ts >= ${nanosTime(window.from)}`, sql`ts < ${nanosTime(window.to)}`];
  if (bits.length === 0) return inside;
  const spans = await textSpans(engine.engine, { tenant, window, bits });
  return [...inside, sql`(${join([NEVER, ...spans.map((span) => inSpans([span]))], ' OR ')})`];
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
          expect(await found(tenant, [exact, ...(await times(tenant, textBits(needle), window))])).toEqual(
            await found(tenant, [exact]),
          );
          const words = wordsOf(needle);
          if (words.length === 0) continue;
          const tokens = sql`hasAllTokens(lower(message), ${words})`;
          expect(
            await found(tenant, [hasWords(words), ...(await times(tenant, words.flatMap(wordBits), window))]),
          ).toEqual(await found(tenant, [tokens]));
        }
      },
    ),
    { numRuns: 4 },
  );
});

it('leaves out what holds no such text, within the window asked for and its day', async () => {
  await store('read', [
    Buffer.from('order ord_8f3a2c91b4 placed'),
    Buffer.from('short EOF here'),
    Buffer.from('order ord_8f3a2c91b4 sent'),
  ]);
  const lines = async (bits: readonly number[], window = WINDOW) =>
    found('read', [sql`1 = 1`, ...(await times('read', bits, window))]);
  expect(await lines(textBits('8F3a2c'))).toEqual([0, 2]);
  expect(await lines(textBits(' eof '))).toEqual([1]);
  expect(await lines(textBits('7f3a2c'))).toEqual([]);
  expect(await lines(textBits('8F3a2c'), SHORT)).toEqual([0, 2]);
  expect(await lines(textBits('7f3a2c'), SHORT)).toEqual([]);
  expect(await lines([])).toEqual([0, 1, 2]);
  expect(await lines(textBits('8f3a2c'), { from: START + 1n, to: WINDOW.to })).toEqual([2]);
  expect(await lines(textBits('8f3a2c'), { from: START, to: START + 1n })).toEqual([0]);
  expect(await lines(textBits('8f3a2c'), { from: WINDOW.to, to: WINDOW.to + 5n })).toEqual([]);
  expect(
    await textSpans(engine.engine, { tenant: 'nobody', window: WINDOW, bits: textBits('8f3a2c') }),
  ).toEqual([]);
});

it('signatures of the earlier kind are looked through too', async () => {
  const day = Math.floor(MS / 86_400_000);
  const lines = ['order ord_8f3a2c91b4 placed', 'mail sent to ord_77c0ffee11'];
  for (const [at, line] of lines.entries()) {
    const rows = new RowBinaryWriter();
    const slice = new Uint8Array(SLICE_BYTES);
    for (const bit of textBits(line).filter((bit) => bit >= OLDER)) {
      const place = bit % (SLICE_BYTES * 8);
      slice[place >>> 3] |= 1 << (place & 7);
    }
    const time = (MS + at * MINUTE) * 1000;
    rows.string('older');
    rows.int64(time);
    rows.uint16(1);
    rows.int64(time);
    rows.fixed(slice);
    rows.endRow();
    await engine.engine.insert(
      {
        table: logGramsTable,
        schemaVersion: 1,
        rows: 1,
        day,
        payload: [rows.take().payload],
        reconcile: false,
      },
      { purpose: 'test' },
    );
  }
  const found = async (text: string, window = SHORT) =>
    (await textSpans(engine.engine, { tenant: 'older', window, bits: textBits(text) })).map(
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
  const partsOf = async (backward: boolean, window: typeof WINDOW, bits: readonly number[]) => {
    let statements = 0;
    const counting = {
      query: (...args: Parameters<typeof engine.engine.query>) => {
        statements++;
        return engine.engine.query(...args);
      },
    };
    const parts: (readonly [typeof WINDOW, number])[] = [];
    for await (const part of textParts(counting, { tenant: 'read', window, bits, backward }))
      parts.push([part.window, statements]);
    return parts;
  };

  it.each([
    ['newest first', true, [at(21n, 24n), at(9n, 21n), at(0n, 9n)]],
    ['oldest first', false, [at(0n, 3n), at(3n, 15n), at(15n, 24n)]],
  ])('%s, and looks up the signatures of each when it is asked for', async (_, backward, windows) => {
    expect(await partsOf(backward, at(0n, 24n), textBits('8f3a2c'))).toEqual(
      windows.map((window, i) => [window, i + 1]),
    );
  });

  it('without a short one at the end, and at once where nothing is to be looked up', async () => {
    expect(await partsOf(true, at(0n, 18n), textBits('8f3a2c'))).toEqual([
      [at(15n, 18n), 1],
      [at(0n, 15n), 2],
    ]);
    expect(await partsOf(true, at(0n, 24n), [])).toEqual([[at(0n, 24n), 0]]);
  });
});

it('many times are read without what lies between them', async () => {
  await store(
    'many',
    Array.from({ length: 9000 }, () => Buffer.from('a')),
    1000,
  );
  const wanted = [3, 5, 7, 9, 11, 6500, 6502, 6504];
  const spans = wanted.map((line) => ({
    from: (MS + line * 1000) * 1000,
    to: (MS + line * 1000) * 1000 + 999,
  }));
  const lines = await found('many', [inSpans(spans)]);
  expect(lines).toEqual(expect.arrayContaining(wanted));
  expect(lines.length).toBeLessThan(9000);
});

describe('times become buckets', () => {
  const second = 1_000_000;

  it('many of them, and not a few', async () => {
    const of = async (count: number, length: number): Promise<number> => {
      const spans = Array.from({ length: count }, (_, i) => {
        const from = MS * 1000 + i * 10 * second;
        return { from, to: from + length };
      });
      const block = await engine.engine.query(
        sql`SELECT count() AS times FROM (SELECT fromUnixTimestamp64Micro(toInt64(${BigInt(MS) * 1000n} + number * 500000)) AS ts FROM numbers(400)) WHERE ${inSpans(spans)}`,
        { purpose: 'test', tenant: 'nobody' },
      );
      return block.numbers('times')[0] ?? 0;
    };
    // Two times a second: exactly those of few spans; an index is hinted at many, and every time passes.
    expect([await of(6, 999_999), await of(6, 0), await of(7, 0)]).toEqual([12, 6, 400]);
  });

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

it('lines that were stored before there were signatures are read as they are', async () => {
  const { index: _index, retired, ...rest } = logsTable;
  const older = { ...rest, retired: (retired ?? []).filter(({ since }) => since < 5) };
  await engine.close();
  engine = await openTestEngine([older]);
  const { directory } = engine;
  const day = Math.floor(MS / 86_400_000);
  const insert = async (table: typeof logsTable, at: number, message: string, ms = 0): Promise<void> => {
    const writer = new ChunkWriter('old', day + at);
    const ids = { trace: '', span: '', request: '' };
    const fields = { stream: ZERO, id: { low: at, high: 0 }, service: 's', level: 'info', ids, metadata: [] };
    writer.add({ time: { ms: MS + at * 86_400_000 + ms, nanos: 7 }, ...fields }, Buffer.from(message));
    const { rows, payload } = writer.take();
    await engine.engine.insert(
      { table, schemaVersion: 1, rows, day: day + at, payload: [payload], reconcile: false },
      { purpose: 'test' },
    );
  };
  await insert(older, 0, 'order ord_8f3a2c91b4 placed');
  await insert(older, 1, 'order ord_8f3a2c91b4 sent');
  await engine.engine.stop();
  const newer = await openTestEngine([logsTable, logGramsTable], { directory });
  try {
    engine = { ...engine, engine: newer.engine };
    await insert(logsTable, 1, 'mail left', 5);
    const all = { from: START, to: START + 2n * 86_400_000_000_000n };
    expect(await found('old', [sql`1 = 1`, ...(await times('old', textBits('8f3a2c'), all))])).toEqual([
      0, 1,
    ]);
  } finally {
    await newer.close();
  }
});
