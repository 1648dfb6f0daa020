import { z } from 'zod';
import type { Observe, Order, OrderRepository, OrderStep } from '../types.ts';
import { isDuplicate, type Mongo, type MongoIndexes } from './database.ts';

export const ORDER_INDEXES: MongoIndexes = {
  orders: [{ key: { user_id: 1, created_at: -1, _id: 1 } }, { key: { step: 1, updated_at: 1 } }],
};

const UNFINISHED: OrderStep[] = ['reserve', 'charge', 'refund', 'release'];

const orderDocument = z.object({
  _id: z.string(),
  user_id: z.string(),
  product_id: z.string(),
  product_name: z.string().nullable(),
  quantity: z.number(),
  unit_cents: z.number().nullable(),
  state: z.enum(['created', 'executed', 'cancelled']),
  step: z.enum(['reserve', 'charge', 'refund', 'release', 'done']),
  reason: z.string().nullable(),
  created_at: z.number(),
  updated_at: z.number(),
});
type OrderDocument = z.infer<typeof orderDocument>;

function toOrder(found: unknown): Order {
  const o = orderDocument.parse(found);
  return {
    id: o._id,
    userId: o.user_id,
    productId: o.product_id,
    productName: o.product_name,
    quantity: o.quantity,
    unitCents: o.unit_cents,
    state: o.state,
    step: o.step,
    reason: o.reason,
    createdAt: o.created_at,
    updatedAt: o.updated_at,
  };
}

const toDocument = (o: Order): OrderDocument => ({
  _id: o.id,
  user_id: o.userId,
  product_id: o.productId,
  product_name: o.productName,
  quantity: o.quantity,
  unit_cents: o.unitCents,
  state: o.state,
  step: o.step,
  reason: o.reason,
  created_at: o.createdAt,
  updated_at: o.updatedAt,
});

const COLLECTION = 'orders';

export function mongoOrders(db: Mongo, observe: Observe): OrderRepository {
  const orders = db.collection<OrderDocument>(COLLECTION);
  const findNow = async (id: string): Promise<Order | null> => {
    const found = await orders.findOne({ _id: id });
    return found === null ? null : toOrder(found);
  };
  return {
    add: (order) =>
      observe(COLLECTION, 'insert', async () => {
        try {
          await orders.insertOne(toDocument(order));
          return { added: true, order };
        } catch (error) {
          const earlier = isDuplicate(error) ? await findNow(order.id) : null;
          if (earlier === null) throw error;
          return { added: false, order: earlier };
        }
      }),
    find: (id) => observe(COLLECTION, 'find', () => findNow(id)),
    advance: (order, fromStep) =>
      observe(COLLECTION, 'update', async () => {
        const { product_name, unit_cents, state, step, reason, updated_at } = toDocument(order);
        const { matchedCount } = await orders.updateOne(
          { _id: order.id, step: fromStep },
          { $set: { product_name, unit_cents, state, step, reason, updated_at } },
        );
        return matchedCount === 1;
      }),
    listByUser: (userId, limit, offset) =>
      observe(COLLECTION, 'list', async () => {
        const own = { user_id: userId };
        const found = await orders
          .find(own)
          .sort({ created_at: -1, _id: 1 })
          .skip(offset)
          .limit(limit)
          .toArray();
        return { total: await orders.countDocuments(own), orders: found.map(toOrder) };
      }),
    unfinished: (before, limit) =>
      observe(COLLECTION, 'list', async () => {
        const found = await orders
          .find({ step: { $in: UNFINISHED }, updated_at: { $lt: before } })
          .sort({ updated_at: 1 })
          .limit(limit)
          .toArray();
        return found.map(toOrder);
      }),
  };
}
