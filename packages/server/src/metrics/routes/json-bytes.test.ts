import { formatValue } from '@pharos/promql';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { JsonBytes, MOST_FLOAT_BYTES } from './json-bytes.ts';

const written = (value: number): string => {
  const out = new JsonBytes(1);
  out.ascii('<');
  out.reserve(MOST_FLOAT_BYTES);
  out.float(value);
  return out.finish().toString();
};

it('writes floats as the shortest text that reads back as the same float', () => {
  const decimals = fc
    .tuple(fc.integer(), fc.integer({ min: 0, max: 6 }))
    .map(([digits, places]) => digits / 10 ** places);
  const near = decimals.map((value) => value * (1 + Number.EPSILON));
  const any = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger(), decimals, near);
  fc.assert(
    fc.property(any, (value) => {
      expect(written(value)).toBe(`<${formatValue(value)}`);
    }),
    { numRuns: 3_000 },
  );
  const edges = [
    0,
    -0,
    2_147_483_646.999,
    2_147_483_647,
    -2_147_483_648,
    0.001,
    0.0005,
    1e-7,
    1e21,
    0.1 + 0.2,
  ];
  for (const value of [...edges, Number.NaN, Infinity, -Infinity, Number.MIN_VALUE, -Number.MAX_VALUE])
    expect(written(value)).toBe(`<${formatValue(value)}`);
});

it('grows, and copies short and long parts', () => {
  const source = Buffer.from('0123456789'.repeat(10));
  const out = new JsonBytes(1);
  out.text('\u00fc\u{1f600}');
  out.reserve(1_000);
  out.copy(source, 5, 8);
  out.copy(source, 0, 100);
  out.repeat(0, 2);
  out.ascii('.'.repeat(2_000));
  expect(out.finish().toString()).toBe(`\u00fc\u{1f600}567${source.toString()}\u00fc${'.'.repeat(2_000)}`);
});
