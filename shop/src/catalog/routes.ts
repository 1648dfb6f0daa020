import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { iso } from '../shared/clock.ts';
import type { Caller } from '../shared/jwt.ts';
import { toUnits } from '../shared/money.ts';
import type { CallerName } from '../shared/ports.ts';
import type { Product } from '../shared/storage/types.ts';
import { identifier, money, parse, queryWhole, text, whole } from '../shared/validate.ts';
import type { CatalogService } from './service.ts';

const MAX_STOCK = 1_000_000_000;

const newProduct = z.strictObject({
  name: text(1, 100),
  description: text(0, 1_000).default(''),
  price: money(1_000_000),
  stock: whole(0, MAX_STOCK),
});
const stockUpdate = z.strictObject({ product_id: identifier, delta: whole(-MAX_STOCK, MAX_STOCK) });
const paging = { limit: queryWhole(1, 200, 50), offset: queryWhole(0, 1_000_000, 0) };
const search = z.object({ q: text(0, 100).default(''), ...paging });
const list = z.object(paging);
const reservation = z.strictObject({
  order_id: identifier,
  product_id: identifier,
  quantity: whole(1, 1_000),
});
const reserved = z.object({ orderId: identifier });

/** The most products whose prices are told in one answer. */
const ALL_PRICES = 1_000;

export interface CatalogRouteDeps {
  readonly catalog: CatalogService;
  readonly caller: (request: FastifyRequest) => Promise<Caller>;
  readonly service: (request: FastifyRequest, allowed: readonly CallerName[]) => Promise<CallerName>;
}

export function catalogRoutes(app: FastifyInstance, deps: CatalogRouteDeps): void {
  const { catalog, caller } = deps;
  app.post('/api/v1/add_product', async (request, reply) => {
    await caller(request);
    const { price, ...product } = parse(newProduct, request.body);
    return reply.code(201).send(shown(await catalog.add({ ...product, priceCents: price })));
  });
  app.post('/api/v1/update_stock', async (request) => {
    await caller(request);
    const { product_id, delta } = parse(stockUpdate, request.body);
    return { product_id, stock: await catalog.changeStock(product_id, delta) };
  });
  app.get('/api/v1/product', async (request) => {
    await caller(request);
    const { q, limit, offset } = parse(search, request.query, 'query');
    return { products: (await catalog.search(q, limit, offset)).map(shown) };
  });
  app.get('/api/v1/all_products', async (request) => {
    await caller(request);
    const { limit, offset } = parse(list, request.query, 'query');
    return { products: (await catalog.search('', limit, offset)).map(shown) };
  });
  internalRoutes(app, deps);
}

function internalRoutes(app: FastifyInstance, { catalog, service }: CatalogRouteDeps): void {
  app.post('/internal/reservations', async (request) => {
    await service(request, ['order']);
    const { order_id, product_id, quantity } = parse(reservation, request.body);
    const held = await catalog.reserve({ orderId: order_id, productId: product_id, quantity });
    return { product_name: held.productName, unit_cents: held.unitCents };
  });
  app.delete('/internal/reservations/:orderId', async (request) => {
    await service(request, ['order']);
    await catalog.release(parse(reserved, request.params, 'path').orderId);
    return { released: true };
  });
  app.get('/internal/prices', async (request) => {
    await service(request, ['user']);
    const products = await catalog.search('', ALL_PRICES, 0);
    return { products: products.map(({ id, name, priceCents }) => ({ id, name, price_cents: priceCents })) };
  });
}

function shown(product: Product) {
  const { id, name, description, stock } = product;
  return {
    id,
    name,
    description,
    price: toUnits(product.priceCents),
    stock,
    updated_at: iso(product.updatedAt),
  };
}
