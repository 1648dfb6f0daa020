import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { iso } from '../shared/clock.ts';
import type { Caller } from '../shared/jwt.ts';
import { toUnits } from '../shared/money.ts';
import type { Order } from '../shared/storage/types.ts';
import { identifier, parse, queryWhole, whole } from '../shared/validate.ts';
import type { OrderService } from './service.ts';

const orderRequest = z.strictObject({
  product_id: identifier,
  quantity: whole(1, 1_000),
  order_id: identifier.optional(),
});
const page = z.object({ limit: queryWhole(1, 200, 50), offset: queryWhole(0, 1_000_000, 0) });

export interface OrderRouteDeps {
  readonly orders: OrderService;
  readonly caller: (request: FastifyRequest) => Promise<Caller>;
}

export function orderRoutes(app: FastifyInstance, { orders, caller }: OrderRouteDeps): void {
  app.post('/api/v1/order', async (request, reply) => {
    const who = await caller(request);
    const { product_id, quantity, order_id } = parse(orderRequest, request.body);
    const order = await orders.place(who, { productId: product_id, quantity, orderId: order_id ?? null });
    return reply.code(201).send(shown(order));
  });
  app.get('/api/v1/orders', async (request) => {
    const who = await caller(request);
    const { limit, offset } = parse(page, request.query, 'query');
    const found = await orders.list(who, limit, offset);
    return { total: found.total, limit, offset, orders: found.orders.map(shown) };
  });
}

function shown(order: Order) {
  const { unitCents } = order;
  return {
    id: order.id,
    product_id: order.productId,
    product_name: order.productName,
    quantity: order.quantity,
    price: unitCents === null ? null : toUnits(unitCents),
    total: unitCents === null ? null : toUnits(unitCents * order.quantity),
    state: order.state,
    reason: order.reason,
    created_at: iso(order.createdAt),
    updated_at: iso(order.updatedAt),
  };
}
