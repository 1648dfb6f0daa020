import { describe, expect, it } from 'vitest';
import type {
  AccountRepository,
  CredentialRepository,
  Order,
  OrderRepository,
  ProductRepository,
} from '../types.ts';

/** Opens a fresh, empty repository; the second call of `again` opens the same data from another connection. */
export type Open<R> = () => Promise<{ first: R; second: R; close: () => void | Promise<void> }>;

const product = (id: string, stock: number) => ({
  id,
  name: `name of ${id}`,
  description: 'Blue and round',
  priceCents: 1250,
  stock,
  updatedAt: 1,
});

function withRepository<R>(open: Open<R>, use: (first: R, second: R) => Promise<void>) {
  return async () => {
    const { first, second, close } = await open();
    try {
      await use(first, second);
    } finally {
      await close();
    }
  };
}

export function productContract(name: string, open: Open<ProductRepository>): void {
  describe(`${name}: products`, () => {
    it(
      'answers what was added and refuses a second product of the same name',
      withRepository(open, async (products, other) => {
        expect(await products.add(product('a', 3))).toBe('added');
        expect(await products.add({ ...product('b', 3), name: 'name of a' })).toBe('duplicate_name');
        expect(await other.find('a')).toEqual(product('a', 3));
        expect(await other.find('b')).toBeNull();
        expect(await other.count()).toBe(1);
      }),
    );
    it(
      'finds by name or description, whatever the case, and takes the text literally',
      withRepository(open, async (products) => {
        await products.add(product('a', 1));
        await products.add({ ...product('b', 1), name: 'Lamp 100%', description: 'green' });
        expect((await products.search('BLUE', 10, 0)).map((p) => p.id)).toEqual(['a']);
        expect((await products.search('%', 10, 0)).map((p) => p.id)).toEqual(['b']);
        expect((await products.search('', 1, 1)).map((p) => p.id)).toEqual(['a']);
        expect(await products.search(`' OR 1=1 --`, 10, 0)).toEqual([]);
      }),
    );
    it(
      'changes stock but never below zero',
      withRepository(open, async (products) => {
        await products.add(product('a', 3));
        expect(await products.changeStock('a', -4, 2)).toEqual({ result: 'insufficient_stock', stock: 3 });
        expect(await products.changeStock('a', -3, 2)).toEqual({ result: 'changed', stock: 0 });
        expect(await products.changeStock('x', 1, 2)).toEqual({ result: 'unknown_product' });
      }),
    );
    it(
      'reserves once per order and gives back once',
      withRepository(open, async (products, other) => {
        await products.add(product('a', 5));
        const request = { orderId: 'o1', productId: 'a', quantity: 2, now: 2 };
        expect(await products.reserve(request)).toMatchObject({ result: 'reserved', unitCents: 1250 });
        expect(await other.reserve(request)).toMatchObject({ result: 'reserved', unitCents: 1250 });
        expect((await products.find('a'))?.stock).toBe(3);
        expect(await other.release('o1', 3)).toBe('released');
        expect(await products.release('o1', 3)).toBe('nothing_held');
        expect((await products.find('a'))?.stock).toBe(5);
      }),
    );
    it(
      'refuses a reserve that arrives after its release',
      withRepository(open, async (products, other) => {
        await products.add(product('a', 5));
        expect(await products.release('late', 2)).toBe('nothing_held');
        const late = { orderId: 'late', productId: 'a', quantity: 1, now: 3 };
        expect(await other.reserve(late)).toEqual({ result: 'released' });
        expect((await products.find('a'))?.stock).toBe(5);
      }),
    );
    it(
      'keeps the price an order was promised',
      withRepository(open, async (products) => {
        await products.add(product('a', 5));
        const request = { orderId: 'o1', productId: 'a', quantity: 1, now: 2 };
        await products.reserve(request);
        expect(await products.setPrices([{ id: 'a', priceCents: 9900 }], 3)).toBe(1);
        expect(await products.reserve(request)).toMatchObject({ unitCents: 1250 });
      }),
    );
    it(
      'never oversells when two connections race',
      withRepository(open, async (products, other) => {
        await products.add(product('a', 40));
        const results = await Promise.all(
          Array.from({ length: 200 }, (_, i) =>
            (i % 2 === 0 ? products : other).reserve({
              orderId: `o${i}`,
              productId: 'a',
              quantity: 1,
              now: 2,
            }),
          ),
        );
        expect(results.filter((r) => r.result === 'reserved')).toHaveLength(40);
        expect((await products.find('a'))?.stock).toBe(0);
      }),
    );
  });
}

export function accountContract(name: string, open: Open<AccountRepository>): void {
  const account = (id: string) => ({ id, username: `user-${id}`, email: null, createdAt: 1 });
  const deposit = (id: string, amountCents: number) => ({
    id,
    accountId: 'a',
    type: 'deposit' as const,
    amountCents,
    now: 2,
  });
  const debit = (orderId: string, amountCents: number) => ({
    orderId,
    accountId: 'a',
    amountCents,
    productId: 'p',
    productName: 'P',
    quantity: 2,
    now: 3,
  });
  describe(`${name}: accounts`, () => {
    it(
      'adds an account once; a username belongs to one',
      withRepository(open, async (accounts, other) => {
        expect(await accounts.add(account('a'))).toBe('added');
        expect(await other.add(account('a'))).toBe('exists');
        expect(await other.add({ ...account('b'), username: 'user-a' })).toBe('duplicate_username');
        expect(await other.find('a')).toEqual({ ...account('a'), balanceCents: 0 });
        expect(await other.list(10, 0)).toEqual({
          total: 1,
          accounts: [{ ...account('a'), balanceCents: 0 }],
        });
      }),
    );
    it(
      'deposits and withdraws once per id, never below zero',
      withRepository(open, async (accounts, other) => {
        await accounts.add(account('a'));
        expect(await accounts.transact(deposit('t1', 500))).toMatchObject({
          balanceCents: 500,
          repeated: false,
        });
        expect(await other.transact(deposit('t1', 500))).toMatchObject({ balanceCents: 500, repeated: true });
        const withdraw = { ...deposit('t2', 501), type: 'withdraw' as const };
        expect(await other.transact(withdraw)).toEqual({ result: 'insufficient_balance', balanceCents: 500 });
        expect(await other.transact({ ...deposit('t3', 1), accountId: 'x' })).toEqual({
          result: 'unknown_account',
        });
      }),
    );
    it(
      'charges an order once and adds the holding; a refund undoes both, once',
      withRepository(open, async (accounts, other) => {
        await accounts.add(account('a'));
        await accounts.transact(deposit('t1', 1000));
        expect(await accounts.debit(debit('o1', 400))).toMatchObject({ balanceCents: 600, repeated: false });
        expect(await other.debit(debit('o1', 400))).toMatchObject({ balanceCents: 600, repeated: true });
        const holding = { productId: 'p', productName: 'P', quantity: 2, costCents: 400 };
        expect(await other.holdings('a')).toEqual([holding]);
        expect(await other.totalHoldings()).toEqual([holding]);
        expect(await accounts.refund('o1', 4)).toBe('refunded');
        expect(await other.refund('o1', 4)).toBe('nothing_charged');
        expect((await other.find('a'))?.balanceCents).toBe(1000);
        expect(await other.holdings('a')).toEqual([]);
        expect(await other.debit(debit('o1', 400))).toEqual({ result: 'refunded' });
      }),
    );
    it(
      'refuses a charge that arrives after its refund',
      withRepository(open, async (accounts) => {
        await accounts.add(account('a'));
        await accounts.transact(deposit('t1', 1000));
        expect(await accounts.refund('late', 2)).toBe('nothing_charged');
        expect(await accounts.debit(debit('late', 1))).toEqual({ result: 'refunded' });
      }),
    );
    it(
      'never lets a balance go negative when two connections race',
      withRepository(open, async (accounts, other) => {
        await accounts.add(account('a'));
        await accounts.transact(deposit('t1', 1000));
        const results = await Promise.all(
          Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? accounts : other).debit(debit(`o${i}`, 30))),
        );
        expect(results.filter((r) => r.result === 'changed')).toHaveLength(33);
        expect((await accounts.find('a'))?.balanceCents).toBe(10);
      }),
    );
  });
}

export function credentialContract(name: string, open: Open<CredentialRepository>): void {
  const credential = (id: string, passwordHash: string) => ({
    id,
    username: 'ann',
    email: null,
    passwordHash,
    createdAt: 1,
  });
  describe(`${name}: credentials`, () => {
    it(
      'becomes active once and then keeps its username',
      withRepository(open, async (credentials, other) => {
        expect(await credentials.addPending(credential('1', 'h1'))).toBe('1');
        expect(await credentials.activate('1', 'h1')).toBe(true);
        expect(await credentials.activate('1', 'h1')).toBe(false);
        expect(await other.addPending(credential('2', 'h2'))).toBeNull();
        expect(await other.findByUsername('ann')).toEqual({ ...credential('1', 'h1'), state: 'active' });
        expect(await other.findByUsername('__proto__')).toBeNull();
      }),
    );
    it(
      'lets an unfinished registration be taken over with its id, and only the last one finish it',
      withRepository(open, async (credentials, other) => {
        expect(await credentials.addPending(credential('1', 'h1'))).toBe('1');
        expect(await other.addPending(credential('2', 'h2'))).toBe('1');
        expect(await credentials.activate('1', 'h1')).toBe(false);
        expect(await other.activate('1', 'h2')).toBe(true);
        expect(await credentials.findByUsername('ann')).toMatchObject({
          id: '1',
          passwordHash: 'h2',
          state: 'active',
        });
      }),
    );
  });
}

export function orderContract(name: string, open: Open<OrderRepository>): void {
  const order = (id: string, createdAt = 1): Order => ({
    id,
    userId: 'u',
    productId: 'p',
    productName: null,
    quantity: 1,
    unitCents: null,
    state: 'created',
    step: 'reserve',
    reason: null,
    createdAt,
    updatedAt: createdAt,
  });
  describe(`${name}: orders`, () => {
    it(
      'adds once per id and answers the first one to a repeat',
      withRepository(open, async (orders, other) => {
        expect(await orders.add(order('1'))).toEqual({ added: true, order: order('1') });
        expect(await other.add({ ...order('1'), quantity: 9 })).toEqual({ added: false, order: order('1') });
        expect(await other.find('1')).toEqual(order('1'));
        expect(await other.find('2')).toBeNull();
      }),
    );
    it(
      'moves an order on only from the step it is at',
      withRepository(open, async (orders, other) => {
        await orders.add(order('1'));
        const charged: Order = {
          ...order('1'),
          step: 'charge',
          unitCents: 5,
          productName: 'P',
          updatedAt: 2,
        };
        expect(await orders.advance(charged, 'reserve')).toBe(true);
        expect(await other.advance(charged, 'reserve')).toBe(false);
        expect(await other.find('1')).toEqual(charged);
      }),
    );
    it(
      'lists the own orders only, newest first, and what is unfinished',
      withRepository(open, async (orders) => {
        await orders.add(order('1', 10));
        await orders.add(order('2', 20));
        await orders.add({ ...order('3', 30), userId: 'v' });
        const mine = await orders.listByUser('u', 1, 0);
        expect([mine.total, mine.orders.map((o) => o.id)]).toEqual([2, ['2']]);
        await orders.advance({ ...order('1', 10), step: 'done', state: 'cancelled' }, 'reserve');
        expect((await orders.unfinished(30, 10)).map((o) => o.id)).toEqual(['2']);
      }),
    );
  });
}
