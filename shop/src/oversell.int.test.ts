import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestShop } from './testing/shop.ts';
import { startTestShop } from './testing/shop.ts';

let shop: TestShop;
beforeAll(async () => {
  shop = await startTestShop();
});
afterAll(() => shop.stop());

it('400 concurrent orders sell exactly the stock, and nobody pays more than they have', async () => {
  const tokens = await Promise.all(['ann', 'bob', 'cyd', 'dee'].map((name) => shop.signUp(name)));
  const [rich = '', ...others] = tokens;
  const add = (name: string, price: number, stock: number) =>
    shop.call('POST', '/api/v1/add_product', { token: rich, body: { name, price, stock } });
  const scarce = (await add('Scarce', 10, 60)).body.id;
  const dear = (await add('Dear', 30, 10_000)).body.id;
  await shop.call('POST', '/api/v1/balance/deposit', { token: rich, body: { amount: 100_000 } });
  await Promise.all(
    others.map((token) => shop.call('POST', '/api/v1/balance/deposit', { token, body: { amount: 200 } })),
  );

  const order = (token: string, product_id: string) =>
    shop.call('POST', '/api/v1/order', { token, body: { product_id, quantity: 1 } });
  const answers = await Promise.all(
    Array.from({ length: 400 }, (_, i) => {
      if (i % 2 === 0) return order(rich, scarce);
      return order(others[i % others.length] ?? '', dear);
    }),
  );
  const outcomes = new Map<string, number>();
  for (const { status, body } of answers) {
    const key = `${status} ${body.error?.code ?? body.state}`;
    outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
  }
  // 60 of the scarce one; 200 buys six at 30 each for each of three people.
  expect(Object.fromEntries(outcomes)).toEqual({
    '201 executed': 60 + 18,
    '409 insufficient_stock': 140,
    '402 insufficient_balance': 200 - 18,
  });

  const products = (await shop.call('GET', '/api/v1/all_products', { token: rich })).body.products;
  const stockOf = (id: string) => products.find((product: { id: string }) => product.id === id).stock;
  expect([stockOf(scarce), stockOf(dear)]).toEqual([0, 10_000 - 18]);
  for (const token of others) {
    expect((await shop.call('GET', '/api/v1/portfolio', { token })).body).toMatchObject({
      balance: 20,
      cost: 180,
    });
  }
}, 180_000);
