import { describe, expect, it } from 'vitest';
import type { Product, ProductRepository } from '../shared/storage/types.ts';
import { SEED_PRODUCTS } from './seed.ts';
import { createCatalogService } from './service.ts';

function setup(random: () => number = () => 1) {
  const stored = new Map<string, Product>();
  const prices = new Map<string, number>();
  const operations: string[] = [];
  const products: ProductRepository = {
    add: async (product) => {
      if ([...stored.values()].some((p) => p.name === product.name)) return 'duplicate_name';
      stored.set(product.id, product);
      return 'added';
    },
    find: async (id) => stored.get(id) ?? null,
    search: async () => [...stored.values()],
    count: async () => stored.size,
    changeStock: async () => ({ result: 'unknown_product' }),
    setPrices: async (changed) => {
      for (const { id, priceCents } of changed) {
        const product = stored.get(id);
        if (product !== undefined) stored.set(id, { ...product, priceCents });
      }
      return changed.length;
    },
    reserve: async () => ({ result: 'released' }),
    release: async () => 'nothing_held',
  };
  const catalog = createCatalogService({
    products,
    clock: { now: () => 1 },
    random,
    faults: { active: () => [] },
    metrics: {
      operations: { inc: ({ operation, result }) => void operations.push(`${operation} ${result}`) },
      stockUpdates: { inc: () => undefined },
      assetPrice: {
        set: ({ product }, value) => void prices.set(product, value),
        inc: () => undefined,
        remove: () => undefined,
      },
    },
  });
  return { catalog, stored, prices, operations };
}

describe('the catalog', () => {
  it('seeds once and shows a price for each product', async () => {
    const { catalog, prices } = setup();
    expect(await catalog.seed()).toBe(SEED_PRODUCTS.length);
    expect(await catalog.seed()).toBe(0);
    expect(prices.get('Kelp Green Mug')).toBe(24);
  });

  it('lets prices drift by a percent at most, and never to nothing', async () => {
    const up = setup(() => 1);
    await up.catalog.seed();
    await up.catalog.driftPrices();
    expect(up.prices.get('Kelp Green Mug')).toBe(24.24);
    const down = setup(() => 0);
    await down.catalog.seed();
    for (let i = 0; i < 1_000; i++) await down.catalog.driftPrices();
    expect(Math.min(...down.prices.values())).toBe(1);
  });

  it('counts what it refuses', async () => {
    const { catalog, operations } = setup();
    const refused = { orderId: 'o', productId: 'p', quantity: 1 };
    await expect(catalog.reserve(refused)).rejects.toMatchObject({ code: 'conflict' });
    await expect(catalog.changeStock('p', 1)).rejects.toMatchObject({ code: 'not_found' });
    await catalog.release('o');
    expect(operations).toEqual(['reserve failure', 'update_stock failure', 'release success']);
  });
});
