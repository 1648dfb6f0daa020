import { describe, expect, it } from 'vitest';
import type { CatalogClient, UserClient } from '../shared/clients.ts';
import { systemClock } from '../shared/clock.ts';
import { ShopError } from '../shared/errors.ts';
import type { Order, OrderRepository } from '../shared/storage/types.ts';
import { createOrderService } from './service.ts';

const caller = { userId: 'u', username: 'ann' };
const down = () => Promise.reject(new ShopError('unavailable', 'down'));

function memoryOrders(): OrderRepository & { all: Map<string, Order> } {
  const all = new Map<string, Order>();
  return {
    all,
    add: async (order) => {
      const earlier = all.get(order.id);
      if (earlier !== undefined) return { added: false, order: earlier };
      all.set(order.id, order);
      return { added: true, order };
    },
    find: async (id) => all.get(id) ?? null,
    advance: async (order, fromStep) => {
      if (all.get(order.id)?.step !== fromStep) return false;
      all.set(order.id, order);
      return true;
    },
    listByUser: async () => ({ total: all.size, orders: [...all.values()] }),
    unfinished: async (before) => [...all.values()].filter((o) => o.step !== 'done' && o.updatedAt < before),
  };
}

function setup(catalog: Partial<CatalogClient>, users: Partial<UserClient>) {
  const calls: string[] = [];
  let now = 1_000_000;
  const noted =
    <A extends unknown[], R>(name: string, run: ((...args: A) => Promise<R>) | undefined, otherwise: R) =>
    (...args: A): Promise<R> => {
      calls.push(name);
      return run === undefined ? Promise.resolve(otherwise) : run(...args);
    };
  const orders = memoryOrders();
  const states: string[] = [];
  const silent = { inc: () => undefined };
  const service = createOrderService({
    orders,
    catalog: {
      reserve: noted('reserve', catalog.reserve, { productName: 'P', unitCents: 100 }),
      release: noted('release', catalog.release, undefined),
      prices: async () => new Map(),
    },
    users: {
      createProfile: async () => 'created' as const,
      charge: noted('charge', users.charge, 'charged' as const),
      refund: noted('refund', users.refund, undefined),
    },
    clock: { ...systemClock, now: () => now },
    metrics: {
      operations: silent,
      notFound: silent,
      volume: silent,
      orders: { inc: ({ state }) => void states.push(state) },
    },
  });
  return { service, orders, calls, states, later: (ms: number) => (now += ms) };
}

const request = { productId: 'p', quantity: 2, orderId: 'o1' };

describe('placing an order', () => {
  it('reserves, charges and is executed', async () => {
    const { service, calls, states } = setup({}, {});
    expect(await service.place(caller, request)).toMatchObject({ state: 'executed', unitCents: 100 });
    expect([calls, states]).toEqual([
      ['reserve', 'charge'],
      ['created', 'executed'],
    ]);
  });

  it('gives the stock back when the balance does not cover it', async () => {
    const { service, calls, states } = setup(
      {},
      { charge: async () => ({ refused: 'insufficient_balance' }) },
    );
    await expect(service.place(caller, request)).rejects.toMatchObject({ code: 'insufficient_balance' });
    expect([calls, states]).toEqual([
      ['reserve', 'charge', 'release'],
      ['created', 'cancelled'],
    ]);
  });

  it('undoes both when the answer to the charge is lost', async () => {
    const { service, calls } = setup({}, { charge: down });
    await expect(service.place(caller, request)).rejects.toMatchObject({ code: 'unavailable' });
    expect(calls).toEqual(['reserve', 'charge', 'refund', 'release']);
  });

  it('answers a repeat without doing anything again', async () => {
    const { service, calls } = setup({}, {});
    await service.place(caller, request);
    expect(await service.place(caller, request)).toMatchObject({ state: 'executed' });
    await expect(service.place(caller, { ...request, quantity: 3 })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(service.place({ ...caller, userId: 'v' }, request)).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(calls).toEqual(['reserve', 'charge']);
  });
});

describe('recovery', () => {
  it('finishes an order whose compensation was not answered, once the other side is back', async () => {
    let up = false;
    const { service, orders, later } = setup(
      { reserve: down, release: () => (up ? Promise.resolve() : down()) },
      {},
    );
    await expect(service.place(caller, request)).rejects.toMatchObject({ code: 'unavailable' });
    expect(orders.all.get('o1')).toMatchObject({ state: 'created', step: 'release' });
    expect(await service.recover()).toBe(0);
    later(60_000);
    expect(await service.recover()).toBe(0);
    up = true;
    later(60_000);
    expect(await service.recover()).toBe(1);
    expect(orders.all.get('o1')).toMatchObject({ state: 'cancelled', step: 'done', reason: 'unavailable' });
  });
});
