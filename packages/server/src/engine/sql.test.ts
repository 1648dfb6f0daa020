import { expect, test } from 'vitest';
import { engineErrors } from './errors.ts';
import {
  acrossTenants,
  checkTenant,
  dateTime64,
  day,
  empty,
  float64,
  identifier,
  inList,
  join,
  renderSql,
  sql,
  table,
  tenant,
  uint64,
} from './sql.ts';
import type { TableSpec } from './tables.ts';

const samples: TableSpec = {
  name: 'samples',
  columns: [
    { name: 'tenant', type: 'LowCardinality(String)' },
    { name: 'ts', type: "DateTime64(3, 'UTC')" },
  ],
  orderBy: ['tenant', 'ts'],
  timeColumn: 'ts',
  identity: ['tenant', 'ts'],
  signal: 'metrics',
};
const shared: TableSpec = { ...samples, name: 'shared', columns: [{ name: 'ts', type: 'DateTime' }] };

const badQuery = (run: () => unknown): boolean => {
  try {
    run();
  } catch (error) {
    return engineErrors.is(error, 'badQuery');
  }
  return false;
};

test.each([
  [sql`SELECT ${1}`, 'SELECT 1'],
  [sql`SELECT ${-1.5}`, 'SELECT -1.5'],
  [sql`SELECT ${1e21}`, 'SELECT 1e+21'],
  [sql`SELECT ${-0}`, 'SELECT -0.'],
  [sql`SELECT ${2 ** 60}`, 'SELECT 1152921504606847000.'],
  [
    sql`SELECT ${Number.NaN}, ${Number.POSITIVE_INFINITY}, ${Number.NEGATIVE_INFINITY}`,
    'SELECT nan, inf, -inf',
  ],
  [sql`SELECT ${18446744073709551615n}`, 'SELECT 18446744073709551615'],
  [sql`SELECT ${true}, ${null}`, 'SELECT true, NULL'],
  [sql`SELECT ${"o'clock \\ \0 \n"}`, "SELECT 'o\\'clock \\\\ \\0 \\n'"],
  [sql`SELECT ${'\uD800x\uDC00'}`, "SELECT '\uFFFDx\uFFFD'"],
  [sql`SELECT ${'😀'}`, "SELECT '😀'"],
  [sql`SELECT ${['a', '__proto__']}`, "SELECT ['a','__proto__']"],
  [sql`SELECT ${BigUint64Array.of(1n, 2n)}`, 'SELECT [1,2]'],
  [sql`SELECT ${Uint8Array.of(0, 255)}`, "SELECT unhex('00ff')"],
  [sql`SELECT ${new Date(5)}`, "SELECT fromUnixTimestamp64Milli(5, 'UTC')"],
  [
    sql`SELECT ${dateTime64(1.9)}, ${day(3)}, ${float64(1)}`,
    "SELECT fromUnixTimestamp64Milli(1, 'UTC'), toDate(3), toFloat64(1)",
  ],
  [sql`SELECT ${uint64(1, 0xffffffff)}, ${uint64(7n)}`, 'SELECT toUInt64(18446744069414584321), toUInt64(7)'],
  [sql`x IN ${inList([1n, 2n])} OR y IN ${inList([])}`, 'x IN (1,2) OR y IN tuple()'],
  [sql`SELECT ${join([identifier('a'), sql`${1} AS b`], ', ')} ${empty}`, 'SELECT `a`, 1 AS b '],
  [sql`a${sql`b${sql`c${1}`}`}d`, 'abc1d'],
])('renders %o', (statement, expected) => {
  expect(renderSql(statement, 'default')).toBe(expected);
});

test('what cannot be rendered is a bad query', () => {
  expect(badQuery(() => identifier('a`b'))).toBe(true);
  expect(badQuery(() => identifier(''))).toBe(true);
  expect(badQuery(() => sql`SELECT ${2n ** 64n}`)).toBe(true);
  expect(badQuery(() => sql`SELECT ${new Date(Number.NaN)}`)).toBe(true);
  expect(badQuery(() => sql`x IN ${inList(new Float64Array(2_001))}`)).toBe(true);
  expect(badQuery(() => uint64(-1n))).toBe(true);
  expect(badQuery(() => day(-1))).toBe(true);
});

test('the tenant is filled in as an escaped literal, in nested fragments too', () => {
  const where = sql`tenant = ${tenant}`;
  const statement = sql`SELECT ts FROM ${table(samples)} WHERE ${where} AND 1`;
  expect(renderSql(statement, "a' OR 1=1 --")).toBe(
    "SELECT ts FROM pharos.`samples` WHERE tenant = 'a\\' OR 1=1 --' AND 1",
  );
  expect(statement.text).toContain('{tenant}');
});

test('each mention of a tenant table needs the tenant', () => {
  expect(badQuery(() => checkTenant(sql`SELECT 1 FROM ${table(samples)}`))).toBe(true);
  const half = sql`SELECT 1 FROM ${table(samples)} a JOIN ${table(samples)} b ON 1 WHERE a.tenant = ${tenant}`;
  expect(badQuery(() => checkTenant(half))).toBe(true);
  expect(badQuery(() => checkTenant(sql`${half} AND b.tenant = ${tenant}`))).toBe(false);
  expect(badQuery(() => checkTenant(sql`SELECT 1 FROM ${table(shared)}`))).toBe(false);
  expect(badQuery(() => checkTenant(sql`SELECT 1 FROM ${table(samples)} ${acrossTenants}`))).toBe(false);
});

test('a text that looks like the hole is not one', () => {
  const statement = sql`SELECT ${'{tenant}'} FROM ${table(samples)}`;
  expect(renderSql(statement, 'x')).toContain("'{tenant}'");
  expect(badQuery(() => checkTenant(statement))).toBe(true);
});

test('a stored table is named by its spec only', () => {
  expect(badQuery(() => sql`SELECT 1 FROM pharos.samples`)).toBe(true);
  expect(badQuery(() => sql`SELECT 1 FROM \`pharos\` . samples`)).toBe(true);
  expect(renderSql(sql`SELECT ${'pharos.samples'}`, 'x')).toBe("SELECT 'pharos.samples'");
});
