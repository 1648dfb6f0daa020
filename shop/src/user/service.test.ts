import { describe, expect, it } from 'vitest';
import type { Price } from '../shared/clients.ts';
import { ShopError } from '../shared/errors.ts';
import type { AccountRepository, Holding } from '../shared/storage/types.ts';
import { createUserService } from './service.ts';

const caller = { userId: 'u', username: 'ann' };
const holding = (productId: string, quantity: number, costCents: number): Holding => ({
  productId,
  productName: productId,
  quantity,
  costCents,
});

function setup(holdings: readonly Holding[], prices: () => Promise<ReadonlyMap<string, Price>>) {
  let now = 0;
  const gauges = new Map<string, number>();
  const moves: string[] = [];
  const seen: string[] = [];
  const accounts: AccountRepository = {
    add: async () => 'added',
    find: async (id) =>
      id === 'u' ? { id, username: 'ann', email: null, balanceCents: 700, createdAt: 0 } : null,
    list: async () => ({ total: 0, accounts: [] }),
    transact: async ({ id, amountCents }) => {
      if (amountCents > 700) return { result: 'insufficient_balance', balanceCents: 700 };
      const repeated = seen.includes(id);
      seen.push(id);
      return { result: 'changed', balanceCents: 700 - amountCents, repeated };
    },
    debit: async () => ({ result: 'refunded' }),
    refund: async () => 'nothing_charged',
    holdings: async () => holdings,
    totalHoldings: async () => holdings,
  };
  const gauge = (name: string) => ({
    set: (_labels: object, value: number) => void gauges.set(name, value),
    inc: () => undefined,
    remove: () => undefined,
  });
  const users = createUserService({
    accounts,
    catalog: { prices },
    clock: { now: () => now, monotonic: () => now },
    metrics: {
      transactions: { inc: ({ type }) => void moves.push(type) },
      balanceChanges: { inc: () => undefined },
      portfolioValue: gauge('value'),
      portfolioPnl: gauge('pnl'),
    },
  });
  return { users, gauges, moves, later: (ms: number) => (now += ms) };
}

describe('a portfolio', () => {
  const price = (priceCents: number): Price => ({ name: 'x', priceCents });

  it('is worth what the catalog asks; what is no longer sold makes neither profit nor loss', async () => {
    const prices = async () => new Map([['a', price(150)]]);
    const { users, gauges } = setup([holding('a', 4, 500), holding('gone', 1, 80)], prices);
    expect(await users.portfolio(caller)).toMatchObject({
      balanceCents: 700,
      valueCents: 680,
      costCents: 580,
      pnlCents: 100,
      stale: false,
      positions: [{ pnlCents: 100 }, { priceCents: null, pnlCents: 0 }],
    });
    await users.refreshTotals();
    expect(Object.fromEntries(gauges)).toEqual({ value: 6.8, pnl: 1 });
  });

  it('goes on with the last known prices when the catalog is away, and says so', async () => {
    let up = true;
    let asked = 0;
    const { users, later } = setup([holding('a', 1, 100)], async () => {
      asked++;
      if (!up) throw new ShopError('unavailable', 'down');
      return new Map([['a', price(150)]]);
    });
    await users.portfolio(caller);
    await users.portfolio(caller);
    expect(asked).toBe(1);
    up = false;
    later(6_000);
    expect(await users.portfolio(caller)).toMatchObject({ stale: true, valueCents: 150 });
  });

  it('needs prices at least once', async () => {
    const { users } = setup([], () => Promise.reject(new ShopError('unavailable', 'down')));
    await expect(users.portfolio(caller)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('money', () => {
  const noPrices = async () => new Map<string, Price>();

  it('moves once per id, and is counted once', async () => {
    const { users, moves } = setup([], noPrices);
    await users.move(caller, 'deposit', 100, 'x');
    await users.move(caller, 'deposit', 100, 'x');
    await users.move(caller, 'withdraw', 100, null);
    expect(moves).toEqual(['deposit', 'withdraw']);
  });

  it('is not there for everybody', async () => {
    const { users } = setup([], noPrices);
    await expect(users.move(caller, 'withdraw', 701, null)).rejects.toMatchObject({
      code: 'insufficient_balance',
      message: 'amount: 7.01 is more than the balance of 7',
    });
    await expect(users.me({ userId: 'v', username: 'v' })).rejects.toMatchObject({ code: 'not_found' });
    const debit = {
      orderId: 'o',
      accountId: 'u',
      amountCents: 1,
      productId: 'p',
      productName: 'p',
      quantity: 1,
    };
    await expect(users.charge(debit)).rejects.toMatchObject({ code: 'conflict' });
  });
});
