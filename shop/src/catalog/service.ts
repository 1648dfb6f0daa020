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
const MIN_PRICE_CENTS = 100;

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

interface NewProduct {
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
  const { products, clock, metrics } = deps;
  const counted = counter(metrics);
  const add = async (input: NewProduct): Promise<Product | null> => {
    const product = { id: randomUUID(), ...input, updatedAt: clock.now() };
    return (await products.add(product)) === 'added' ? product : null;
  };
  const pricing = createPricing(deps);

  return {
    ...pricing,
    ...createReservations(deps, counted),
    add: (input) =>
      counted('add', async () => {
        const product = await add(input);
        if (product === null) throw new ShopError('conflict', `name: ${JSON.stringify(input.name)} is taken`);
        await pricing.refreshPrices();
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
      counted(text === '' ? 'list' : 'search', async () => {
        const found = await products.search(text, Math.min(limit, ALL_PRODUCTS), offset);
        return found.map((product) => (isExhausted(deps, product.id) ? { ...product, stock: 0 } : product));
      }),
    async seed() {
      let added = 0;
      for (const product of SEED_PRODUCTS) if ((await add(product)) !== null) added++;
      await pricing.refreshPrices();
      return added;
    },
  };
}

type Counted = <T>(operation: string, run: () => Promise<T>) => Promise<T>;

function counter(metrics: CatalogDeps['metrics']): Counted {
  return async (operation, run) => {
    try {
      const answer = await run();
      metrics.operations.inc({ operation, result: 'success' });
      return answer;
    } catch (error) {
      metrics.operations.inc({ operation, result: 'failure' });
      throw error;
    }
  };
}

/** The stock-exhaustion fault: nothing is taken from the store, so nothing has to be given back. */
function isExhausted({ faults }: CatalogDeps, productId: string): boolean {
  return faults
    .active('stock_exhaustion')
    .some((fault) => ['', productId].includes(String(fault.params['product_id'] ?? '')));
}

function createReservations(
  deps: CatalogDeps,
  counted: Counted,
): Pick<CatalogService, 'reserve' | 'release'> {
  const { products, clock, metrics } = deps;
  return {
    reserve: (reservation) =>
      counted('reserve', async () => {
        const { productId, quantity } = reservation;
        if (isExhausted(deps, productId)) throw outOfStock(productId, quantity);
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
  };
}

function createPricing({
  products,
  clock,
  random,
  metrics,
}: CatalogDeps): Pick<CatalogService, 'driftPrices' | 'refreshPrices'> {
  const refreshPrices = async (): Promise<void> => {
    for (const { name, priceCents } of await products.search('', PRICED_PRODUCTS, 0)) {
      metrics.assetPrice.set({ product: name }, toUnits(priceCents));
    }
  };
  return {
    refreshPrices,
    async driftPrices() {
      const all = await products.search('', ALL_PRODUCTS, 0);
      const prices = all.map(({ id, priceCents }) => ({
        id,
        priceCents: Math.max(MIN_PRICE_CENTS, Math.round(priceCents * (1 + DRIFT * (random() * 2 - 1)))),
      }));
      await products.setPrices(prices, clock.now());
      await refreshPrices();
    },
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
