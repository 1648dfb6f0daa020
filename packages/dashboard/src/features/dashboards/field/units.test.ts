import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUnit } from './units.ts';

const shown = (value: number | null, unit?: string, decimals?: number) =>
  formatUnit(value, unit, decimals).replace('\u202f', ' ');

describe('units', () => {
  it.each([
    [1234, undefined, '1.23 k'],
    [0.123, 'percentunit', '12.3 %'],
    [12.34, 'percent', '12.3 %'],
    [3 * 1024 ** 3, 'bytes', '3 GiB'],
    [2, 'mbytes', '2 MiB'],
    [1500, 'Bps', '1.5 kB/s'],
    [0.0042, 's', '4.2 ms'],
    [300, 's', '5 min'],
    [4.2, 'ms', '4.2 ms'],
    [86_400 * 3, 's', '3 d'],
    [12.5, 'currencyUSD', '$12.50'],
    [3, 'suffix:lux', '3 lux'],
    [3, 'widgets', '3 widgets'],
    [1, 'bool_on_off', 'on'],
    [null, 's', '–'],
    [Number.NaN, 's', '–'],
    [Number.POSITIVE_INFINITY, 's', '∞'],
  ] as const)('%s as %s is %s', (value, unit, text) => {
    expect(shown(value, unit)).toBe(text);
  });

  it('takes the decimals it is told', () => {
    expect([shown(0.5, 'percentunit', 0), shown(1, 's', 2), shown(3.14159, 'none', 3)]).toEqual([
      '50 %',
      '1.00 s',
      '3.142',
    ]);
  });

  it('never throws, whatever the unit is called', () => {
    fc.assert(
      fc.property(
        fc.double(),
        fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor')),
        (value, unit) => formatUnit(value, unit) !== '',
      ),
    );
  });
});
