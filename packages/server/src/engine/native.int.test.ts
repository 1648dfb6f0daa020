import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Column } from './columns.ts';
import { float64, identifier, join, type Sql, sql, uint64 } from './sql.ts';
import { openTestEngine, type TestEngine } from './testing/open.ts';

const OPTIONS = { purpose: 'test.native', tenant: 'default' } as const;
let open: TestEngine;

beforeAll(async () => {
  open = await openTestEngine([]);
});
afterAll(() => open.close());

const strings = (...data: string[]): Column => ({ kind: 'string', data });
const floats = (...data: number[]): Column => ({ kind: 'float64', data: Float64Array.from(data) });
const words = (...data: number[]): Column => ({ kind: 'uint32', data: Uint32Array.from(data) });

const TYPES: readonly (readonly [Sql, Column])[] = [
  [sql`toUInt8(200)`, words(200)],
  [sql`toUInt16(60000)`, words(60_000)],
  [sql`toUInt32(4000000000)`, words(4_000_000_000)],
  [sql`${uint64(2n ** 64n - 1n)}`, { kind: 'uint64', data: BigUint64Array.of(2n ** 64n - 1n) }],
  [sql`toInt8(-100)`, floats(-100)],
  [sql`toInt16(-30000)`, floats(-30_000)],
  [sql`toInt32(-2000000000)`, floats(-2_000_000_000)],
  [sql`${-(2n ** 63n)}`, { kind: 'int64', data: BigInt64Array.of(-(2n ** 63n)) }],
  [sql`toFloat32(0.5)`, floats(0.5)],
  [sql`${float64(0.1)}`, floats(0.1)],
  [sql`true`, words(1)],
  [sql`toDate('2026-01-15')`, words(20_468)],
  [sql`toDateTime('2026-01-15 00:00:00', 'UTC')`, words(1_768_435_200)],
  [sql`${new Date(1_768_435_200_123)}`, { kind: 'int64', data: BigInt64Array.of(1_768_435_200_123n) }],
  [sql`toFixedString('ab', 3)`, { kind: 'bytes', width: 3, data: Uint8Array.of(97, 98, 0) }],
  [sql`CAST('b', 'Enum8(\\'a\\' = 1, \\'b\\' = 2)')`, strings('b')],
  [sql`toLowCardinality('x')`, strings('x')],
  [sql`toNullable('x')`, { kind: 'nullable', nulls: Uint8Array.of(0), values: strings('x') }],
  [
    sql`toLowCardinality(CAST(NULL, 'Nullable(String)'))`,
    { kind: 'nullable', nulls: Uint8Array.of(1), values: strings('') },
  ],
  [
    sql`[toLowCardinality('x'), 'y']`,
    { kind: 'array', offsets: Uint32Array.of(2), items: strings('x', 'y') },
  ],
  [
    sql`CAST([], 'Array(LowCardinality(String))')`,
    { kind: 'array', offsets: Uint32Array.of(0), items: strings() },
  ],
  [
    sql`[[1, 2], [3]]`,
    {
      kind: 'array',
      offsets: Uint32Array.of(2),
      items: { kind: 'array', offsets: Uint32Array.of(2, 3), items: words(1, 2, 3) },
    },
  ],
  [
    sql`CAST(map('k', 'v'), 'Map(LowCardinality(String), String)')`,
    { kind: 'map', offsets: Uint32Array.of(1), keys: strings('k'), values: strings('v') },
  ],
  [sql`tuple('a', toUInt8(1))`, { kind: 'tuple', rows: 1, items: [strings('a'), words(1)] }],
  [
    sql`CAST(tuple('a', toUInt8(1)), 'Tuple(name String, n UInt8)')`,
    { kind: 'tuple', rows: 1, items: [strings('a'), words(1)] },
  ],
];

test.each(TYPES)('decodes %o', async (expression, expected) => {
  const block = await open.engine.query(sql`SELECT ${expression} AS x`, OPTIONS);
  expect(block.column('x')).toEqual(expected);
});

test('a type that is not decoded asks for a cast', async () => {
  await expect(open.engine.query(sql`SELECT toInt256(1) AS x`, OPTIONS)).rejects.toThrow(/Int256.*cast/);
});

test('low cardinality with more than 256 and 65,536 values', async () => {
  for (const rows of [300, 70_000]) {
    const block = await open.engine.query(
      sql`SELECT toLowCardinality(toString(number)) AS s FROM numbers(${rows}) ORDER BY number`,
      OPTIONS,
    );
    const values = block.strings('s');
    expect(values.length).toBe(rows);
    expect(values.every((value, i) => value === String(i))).toBe(true);
  }
});

/** Strings that tools trip over, beside arbitrary ones. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(
      '\\',
      "'",
      '\0',
      '\n',
      '`',
      '"',
      '{',
      '}',
      '%',
      '/*',
      '*/',
      '--',
      ';',
      '\uD800',
      '\uDFFF',
      '\u2028',
      '\uFEFF',
      'é',
      '😀',
    ),
    maxLength: 30,
  }),
  fc.constantFrom(
    '__proto__',
    '',
    "\\'",
    "\\\\'",
    '{tenant}',
    '\\N',
    '\\x00',
    "'; DROP DATABASE pharos; --",
    'pharos.samples',
  ),
);

const wellFormed = (text: string): string => Buffer.from(text).toString();

test('every string comes back as it went, lone surrogates as U+FFFD', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 60 }), async (values) => {
      const columns = values.map((value, i) => sql`${value} AS ${identifier(`c${i}`)}`);
      const block = await open.engine.query(sql`SELECT ${values} AS list, ${join(columns, ', ')}`, OPTIONS);
      expect(block.array('list').items).toEqual(strings(...values.map(wellFormed)));
      values.forEach((value, i) => expect(block.strings(`c${i}`)).toEqual([wellFormed(value)]));
    }),
    { numRuns: 60 },
  );
});

test('every float comes back bit by bit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.double(), { minLength: 1, maxLength: 100 }), async (values) => {
      const block = await open.engine.query(
        sql`SELECT arrayJoin([${join(
          values.map((value) => float64(value)),
          ', ',
        )}]) AS x`,
        OPTIONS,
      );
      expect([...block.numbers('x')]).toEqual(values);
    }),
    { numRuns: 60 },
  );
  const edges = [
    -0,
    5e-324,
    Number.MAX_VALUE,
    Number.MIN_VALUE,
    2 ** 53,
    2 ** 63,
    2 ** 64,
    1e21,
    -1e300,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
  ];
  const block = await open.engine.query(sql`SELECT ${Float64Array.from(edges)} AS x`, OPTIONS);
  expect(block.array('x').items).toEqual(floats(...edges));
});

test('every integer and byte comes back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.bigInt(0n, 2n ** 64n - 1n),
      fc.bigInt(-(2n ** 63n), -1n),
      fc.uint8Array({ maxLength: 50 }),
      async (unsigned, signed, raw) => {
        const block = await open.engine.query(
          sql`SELECT ${uint64(unsigned)} AS u, toInt64(${signed}) AS s, hex(${raw}) AS b, ${uint64(Number(unsigned & 0xffffffffn), Number(unsigned >> 32n))} AS w`,
          OPTIONS,
        );
        expect([block.bigints('u')[0], block.bigints('s')[0], block.bigints('w')[0]]).toEqual([
          unsigned,
          signed,
          unsigned,
        ]);
        expect(block.strings('b')[0]?.toLowerCase()).toBe(Buffer.from(raw).toString('hex'));
      },
    ),
    { numRuns: 100 },
  );
});
