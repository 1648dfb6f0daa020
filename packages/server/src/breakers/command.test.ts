import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Command, deciding, matches, type Target } from './command.ts';
import { ACTIONS } from './model.ts';

const TARGET: Target = { service: 'order', instance: 'host:1', breaker: 'user-client', upstream: 'user' };
const ALL = { service: null, instance: null, breaker: null, upstream: null };

const command = (at: number, more: Partial<Command> = {}): Command => ({
  id: `c${at}`,
  action: 'force_open',
  ...ALL,
  at,
  until: 1_000,
  by: '',
  reason: 'because',
  targets: 1,
  applied: 0,
  ...more,
});

describe('matches', () => {
  it.each([
    [ALL, true],
    [{ ...ALL, service: 'order' }, true],
    [{ ...ALL, service: 'auth' }, false],
    [{ ...ALL, instance: 'host:1' }, true],
    [{ ...ALL, instance: 'host:2' }, false],
    [{ ...ALL, breaker: 'user-client' }, true],
    [{ ...ALL, breaker: 'catalog-client' }, false],
    [{ ...ALL, upstream: 'user' }, true],
    [{ ...ALL, upstream: 'user-client' }, true],
    [{ ...ALL, upstream: 'order' }, false],
    [{ ...ALL, service: 'order', breaker: 'catalog-client' }, false],
  ])('%j: %s', (scope, expected) => expect(matches(scope, TARGET)).toBe(expected));
});

describe('deciding', () => {
  const other: Target = { ...TARGET, breaker: 'catalog-client', upstream: 'catalog' };
  const told = (commands: Command[], now = 10) =>
    deciding(commands, [TARGET, other], now).map(({ command: { id }, breakers }) => [id, breakers]);

  it('is the newest that means a breaker and has not ended', () => {
    expect(told([])).toEqual([]);
    expect(told([command(1), command(2, { breaker: 'user-client', action: 'release' })])).toEqual([
      ['c1', ['catalog-client']],
      ['c2', ['user-client']],
    ]);
    expect(told([command(1), command(2, { until: 10 })])).toEqual([
      ['c1', ['user-client', 'catalog-client']],
    ]);
    expect(told([command(1), command(2)])).toEqual([['c2', ['user-client', 'catalog-client']]]);
  });

  it('gives each breaker one command at most, and none that ended or means others', () => {
    const scope = fc.record({
      service: fc.constantFrom(null, 'order', 'auth'),
      instance: fc.constantFrom(null, 'host:1', 'host:2'),
      breaker: fc.constantFrom(null, 'user-client', 'catalog-client'),
      upstream: fc.constantFrom(null, 'user'),
    });
    const commands = fc.array(
      fc
        .tuple(scope, fc.nat(20), fc.nat(30), fc.constantFrom(...ACTIONS))
        .map(([where, at, until, action]) => command(at, { ...where, until, action })),
    );
    fc.assert(
      fc.property(commands, fc.nat(30), (list, now) => {
        const found = deciding(list, [TARGET, other], now);
        const breakers = found.flatMap((one) => one.breakers);
        expect(new Set(breakers).size).toBe(breakers.length);
        for (const { command: chosen, breakers: names } of found) {
          expect(chosen.until).toBeGreaterThan(now);
          for (const name of names) {
            const target = name === other.breaker ? other : TARGET;
            expect(matches(chosen, target)).toBe(true);
            const newer = list.filter((one) => one.at > chosen.at && one.until > now && matches(one, target));
            expect(newer).toEqual([]);
          }
        }
      }),
    );
  });
});
