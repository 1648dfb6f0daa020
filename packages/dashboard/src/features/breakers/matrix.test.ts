import { describe, expect, it } from 'vitest';
import { matrixOf } from './matrix.ts';
import { breaker, instance } from './testing.ts';

describe('breakers by instance', () => {
  it('has each service once, each instance once, the worst first and the gone last', () => {
    const [order, gateway, ...none] = matrixOf([
      breaker([
        instance('b'),
        instance('c', { state: 'OPEN' }),
        instance('gone', { status: 'left', state: 'OPEN' }),
      ]),
      breaker([instance('x')], { service: 'gateway', name: 'auth-client' }),
      breaker([instance('c'), instance('a', { state: 'HALF_OPEN' })], { name: 'catalog-client' }),
    ]);
    expect(none).toEqual([]);
    expect([order?.service, order?.breakers]).toEqual(['order', ['catalog-client', 'user-client']]);
    expect(order?.rows.map((row) => [row.instance, ...row.cells.map((cell) => cell?.state)])).toEqual([
      ['c', 'CLOSED', 'OPEN'],
      ['a', 'HALF_OPEN', undefined],
      ['b', undefined, 'CLOSED'],
      ['gone', undefined, 'OPEN'],
    ]);
    expect(gateway?.rows.length).toBe(1);
  });
});
