import { randomUUID } from 'node:crypto';
import type { CatalogClient, UserClient } from '../shared/clients.ts';
import type { Clock } from '../shared/clock.ts';
import { isShopError, ShopError } from '../shared/errors.ts';
import type { Caller } from '../shared/jwt.ts';
import type { MetricFactory } from '../shared/metrics.ts';
import { toUnits } from '../shared/money.ts';
import type { Order, OrderRepository } from '../shared/storage/types.ts';
import type { Outcome } from './saga.ts';
import { advance } from './saga.ts';

/** An order that has not moved for so long was left behind by a crash or an outage, and is taken up again. */
const STRANDED_MS = 20_000;
const RECOVERY_BATCH = 50;

export function orderMetrics(metrics: MetricFactory) {
  return {
    operations: metrics.counter('order_operations_total', 'Order operations, by result.', [
      'operation',
      'result',
    ]),
    notFound: metrics.counter('order_404', 'Orders refused because what they name does not exist.'),
    orders: metrics.counter('orders_total', 'Orders that reached a state.', ['state']),
    volume: metrics.counter('order_volume_total', 'Value of executed orders, in currency units.'),
  };
}

export interface OrderDeps {
  readonly orders: OrderRepository;
  readonly catalog: CatalogClient;
  readonly users: UserClient;
  readonly clock: Clock;
  readonly metrics: ReturnType<typeof orderMetrics>;
}

interface OrderRequest {
  readonly productId: string;
  readonly quantity: number;
  /** The caller's own id; a repeat with the same id answers the first order. */
  readonly orderId: string | null;
}

export interface OrderService {
  /** Carries an order through; throws when it was cancelled, with the reason, or when its end is not known yet. */
  place(caller: Caller, request: OrderRequest): Promise<Order>;
  list(caller: Caller, limit: number, offset: number): Promise<{ total: number; orders: readonly Order[] }>;
  /** Takes up what a crash or an outage left behind; answers how many orders it finished. */
  recover(): Promise<number>;
}

export function createOrderService(deps: OrderDeps): OrderService {
  const { orders, clock, metrics } = deps;
  const drive = (order: Order): Promise<Order> => driveOrder(deps, order);

  return {
    async place(caller, { productId, quantity, orderId }) {
      const now = clock.now();
      const fresh: Order = {
        id: orderId ?? randomUUID(),
        userId: caller.userId,
        productId,
        productName: null,
        quantity,
        unitCents: null,
        state: 'created',
        step: 'reserve',
        reason: null,
        createdAt: now,
        updatedAt: now,
      };
      const { added, order } = await orders.add(fresh);
      if (!added && !sameOrder(order, fresh)) {
        throw new ShopError('conflict', `order_id ${fresh.id} belongs to another order`);
      }
      if (added) metrics.orders.inc({ state: 'created' });
      // A repeat never drives: its first request, or the recovery, does.
      const settled = added ? await drive(order) : order;
      const failure = failureOf(settled);
      metrics.operations.inc({ operation: 'create', result: failure === null ? 'success' : 'failure' });
      if (failure === null) return settled;
      if (failure.code === 'not_found') metrics.notFound.inc({});
      throw failure;
    },
    async list(caller, limit, offset) {
      const page = await orders.listByUser(caller.userId, limit, offset);
      metrics.operations.inc({ operation: 'list', result: 'success' });
      return page;
    },
    async recover() {
      let finished = 0;
      for (const order of await orders.unfinished(clock.now() - STRANDED_MS, RECOVERY_BATCH)) {
        const settled = await drive(order);
        const done = settled.step === 'done';
        metrics.operations.inc({ operation: 'recover', result: done ? 'success' : 'failure' });
        if (done) finished++;
        // The other side is still down: the rest would only wait in the same queue.
        else break;
      }
      return finished;
    },
  };
}

/** Tries step after step until the order is done, or a compensation stays unanswered. */
async function driveOrder(deps: OrderDeps, start: Order): Promise<Order> {
  let order = start;
  while (order.step !== 'done') {
    const outcome = await attempt(deps, order);
    const next = advance(order, outcome, deps.clock.now());
    const moved = await deps.orders.advance(next, order.step);
    if (!moved) return (await deps.orders.find(order.id)) ?? next;
    if (next.step === order.step) return next;
    if (next.step === 'done') count(deps.metrics, next);
    order = next;
  }
  return order;
}

async function attempt({ catalog, users }: OrderDeps, order: Order): Promise<Outcome> {
  try {
    switch (order.step) {
      case 'reserve': {
        const answer = await catalog.reserve(order.id, order.productId, order.quantity);
        if ('refused' in answer) return { kind: 'refused', reason: answer.refused };
        return { kind: 'reserved', ...answer };
      }
      case 'charge': {
        const answer = await users.charge({
          orderId: order.id,
          userId: order.userId,
          amountCents: (order.unitCents ?? 0) * order.quantity,
          productId: order.productId,
          productName: order.productName ?? order.productId,
          quantity: order.quantity,
        });
        return answer === 'charged' ? { kind: 'ok' } : { kind: 'refused', reason: answer.refused };
      }
      case 'refund':
        await users.refund(order.id);
        return { kind: 'ok' };
      case 'release':
        await catalog.release(order.id);
        return { kind: 'ok' };
      case 'done':
        return { kind: 'ok' };
    }
  } catch (error) {
    return { kind: 'lost', reason: isShopError(error, 'timeout') ? 'timeout' : 'unavailable' };
  }
}

function count(metrics: OrderDeps['metrics'], order: Order): void {
  metrics.orders.inc({ state: order.state });
  if (order.state === 'executed') {
    metrics.volume.inc({}, toUnits((order.unitCents ?? 0) * order.quantity));
  }
}

function sameOrder(a: Order, b: Order): boolean {
  return a.userId === b.userId && a.productId === b.productId && a.quantity === b.quantity;
}

/** Why an order is not executed, as its caller is told; null when it is. */
function failureOf(order: Order): ShopError | null {
  if (order.state === 'executed') return null;
  const asked = `order ${order.id}: ${order.quantity} of product ${order.productId}`;
  switch (order.reason) {
    case 'not_found':
      return new ShopError('not_found', `${asked}: there is no such product, or the account has no profile`);
    case 'insufficient_stock':
      return new ShopError('insufficient_stock', `${asked}: not that many are in stock`);
    case 'insufficient_balance':
      return new ShopError('insufficient_balance', `${asked}: the balance does not cover it`);
    case 'timeout':
      return new ShopError(
        'timeout',
        `${asked}: a service behind did not answer in time; the order is cancelled`,
      );
    case null:
      return new ShopError('conflict', `${asked}: it is being carried out; ask GET /api/v1/orders`);
    default:
      return new ShopError(
        'unavailable',
        `${asked}: a service behind is not available; the order is cancelled`,
      );
  }
}
