import { randomUUID } from 'node:crypto';
import type { Clock, Random } from '../shared/clock.ts';
import { ShopError } from '../shared/errors.ts';
import type { FaultState } from '../shared/faults/state.ts';
import type { MetricFactory } from '../shared/metrics.ts';
import { toUnits } from '../shared/money.ts';
import type { Product, ProductRepository, Reservation } from '../shared/storage/types.ts';
import { SEED_PRODUCTS } from './seed.ts';

/** More products than this share no gauge: a label per product must not grow without bound. */
const PRICED_PRODUCTS = 100;
const ALL_PRODUCTS = 1_000;
/** Prices move by at most this share per step. */
const DRIFT = 0.01;

export function catalogMetrics(metrics: MetricFactory) {
  return {
    operations: metrics.counter('product_operations_total', 'Product operations, by result.', [
      'operation',
      'result',
    ]),
    stockUpdates: metrics.counter('stock_updates_total', 'Changes of stock, by people and by orders.'),
    assetPrice: metrics.gauge('asset_price', 'Current price, in currency units.', ['product']),
  };
}

export interface CatalogDeps {
  readonly products: ProductRepository;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  readonly faults: Pick<FaultState, 'active'>;
  readonly metrics: ReturnType<typeof catalogMetrics>;
}

export interface NewProduct {
  readonly name: string;
  readonly description: string;
  readonly priceCents: number;
  readonly stock: number;
}

export interface CatalogService {
  add(product: NewProduct): Promise<Product>;
  changeStock(productId: string, delta: number): Promise<number>;
  search(text: string, limit: number, offset: number): Promise<readonly Product[]>;
  reserve(reservation: Omit<Reservation, 'now'>): Promise<{ productName: string; unitCents: number }>;
  release(orderId: string): Promise<void>;
  /** Adds the seed products that are not there yet; answers how many it added. */
  seed(): Promise<number>;
  /** Lets every price take one small random step, as a market would. */
  driftPrices(): Promise<void>;
  /** Brings the price gauges in line with the store. */
  refreshPrices(): Promise<void>;
}

export function createCatalogService(deps: CatalogDeps): CatalogService {
  const { products, clock, random, faults, metrics } = deps;
  const exhausted = (productId: string): boolean =>
    faults
      .active('stock_exhaustion')
      .some((f) => ['', productId].includes(String(f.params['product_id'] ?? '')));
  const visible = (product: Product): Product => (exhausted(product.id) ? { ...product, stock: 0 } : product);
  const counted = async <T>(operation: string, run: () => Promise<T>): Promise<T> => {
    try {
      const answer = await run();
      metrics.operations.inc({ operation, result: 'success' });
      return answer;
    } catch (error) {
      metrics.operations.inc({ operation, result: 'failure' });
      throw error;
    }
  };
  const showPrice = (product: Product): void => {
    metrics.assetPrice.set({ product: product.name }, toUnits(product.priceCents));
  };
  const add = async (input: NewProduct): Promise<Product | null> => {
    const product = { id: randomUUID(), ...input, updatedAt: clock.now() };
    if ((await products.add(product)) === 'duplicate_name') return null;
    return product;
  };
  const refreshPrices = async (): Promise<void> => {
    for (const product of await products.search('', PRICED_PRODUCTS, 0)) showPrice(product);
  };

  return {
    add: (input) =>
      counted('add', async () => {
        const product = await add(input);
        if (product === null) throw new ShopError('conflict', `name: ${JSON.stringify(input.name)} is taken`);
        await refreshPrices();
        return product;
      }),
    changeStock: (productId, delta) =>
      counted('update_stock', async () => {
        const change = await products.changeStock(productId, delta, clock.now());
        if (change.result === 'unknown_product') throw unknownProduct(productId);
        if (change.result === 'insufficient_stock') {
          throw new ShopError(
            'insufficient_stock',
            `delta: ${delta} is more than the stock of ${change.stock}`,
          );
        }
        metrics.stockUpdates.inc({});
        return change.stock;
      }),
    search: (text, limit, offset) =>
      counted(text === '' ? 'list' : 'search', async () =>
        (await products.search(text, Math.min(limit, ALL_PRODUCTS), offset)).map(visible),
      ),
    reserve: (reservation) =>
      counted('reserve', async () => {
        const { productId, quantity } = reservation;
        if (exhausted(productId)) throw outOfStock(productId, quantity);
        const answer = await products.reserve({ ...reservation, now: clock.now() });
        switch (answer.result) {
          case 'reserved':
            metrics.stockUpdates.inc({});
            return { productName: answer.product.name, unitCents: answer.unitCents };
          case 'unknown_product':
            throw unknownProduct(productId);
          case 'insufficient_stock':
            throw outOfStock(productId, quantity);
          case 'released':
            throw new ShopError('conflict', `order ${reservation.orderId} was released before`);
        }
      }),
    release: (orderId) =>
      counted('release', async () => {
        if ((await products.release(orderId, clock.now())) === 'released') metrics.stockUpdates.inc({});
      }),
    async seed() {
      let added = 0;
      for (const product of SEED_PRODUCTS) if ((await add(product)) !== null) added++;
      await refreshPrices();
      return added;
    },
    async driftPrices() {
      const all = await products.search('', ALL_PRODUCTS, 0);
      const prices = all.map(({ id, priceCents }) => ({
        id,
        priceCents: Math.max(100, Math.round(priceCents * (1 + DRIFT * (random() * 2 - 1)))),
      }));
      await products.setPrices(prices, clock.now());
      await refreshPrices();
    },
    refreshPrices,
  };
}

function unknownProduct(productId: string): ShopError {
  return new ShopError('not_found', `product_id: there is no product ${JSON.stringify(productId)}`);
}

function outOfStock(productId: string, quantity: number): ShopError {
  return new ShopError(
    'insufficient_stock',
    `quantity: ${quantity} of product ${productId} are not in stock`,
  );
}
