import { z } from 'zod';
import type { Observe, Order, OrderRepository } from '../types.ts';
import type { Sqlite } from './database.ts';

export const ORDER_SCHEMA = [
  `CREATE TABLE orders (
     id TEXT PRIMARY KEY, user_id TEXT NOT NULL, product_id TEXT NOT NULL, product_name TEXT,
     quantity INTEGER NOT NULL, unit_cents INTEGER, state TEXT NOT NULL, step TEXT NOT NULL, reason TEXT,
     created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
   CREATE INDEX orders_by_user ON orders (user_id, created_at);
   CREATE INDEX orders_unfinished ON orders (updated_at) WHERE step <> 'done'`,
];

const orderRow = z
  .object({
    id: z.string(),
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
  })
  .transform(
    (r): Order => ({
      id: r.id,
      userId: r.user_id,
      productId: r.product_id,
      productName: r.product_name,
      quantity: r.quantity,
      unitCents: r.unit_cents,
      state: r.state,
      step: r.step,
      reason: r.reason,
      createdAt: r.created_at,
      updatedAt: r.updated_at,
    }),
  );

const TABLE = 'orders';

export function sqliteOrders(db: Sqlite, observe: Observe): OrderRepository {
  const findNow = (id: string): Order | null => {
    const found = db.statement('SELECT * FROM orders WHERE id = ?').get(id);
    return found == null ? null : orderRow.parse(found);
  };
  return {
    add: (o) =>
      observe(TABLE, 'insert', () =>
        db.transaction(() => {
          const earlier = findNow(o.id);
          if (earlier !== null) return { added: false, order: earlier };
          db.statement('INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run([
            o.id,
            o.userId,
            o.productId,
            o.productName,
            o.quantity,
            o.unitCents,
            o.state,
            o.step,
            o.reason,
            o.createdAt,
            o.updatedAt,
          ]);
          return { added: true, order: o };
        }),
      ),
    find: (id) => observe(TABLE, 'find', () => findNow(id)),
    advance: (o, fromStep) =>
      observe(TABLE, 'update', () => {
        const { changes } = db
          .statement(
            `UPDATE orders SET product_name = ?, unit_cents = ?, state = ?, step = ?, reason = ?, updated_at = ?
             WHERE id = ? AND step = ?`,
          )
          .run(o.productName, o.unitCents, o.state, o.step, o.reason, o.updatedAt, o.id, fromStep);
        return changes === 1;
      }),
    listByUser: (userId, limit, offset) =>
      observe(TABLE, 'list', () => ({
        total: z
          .object({ n: z.number() })
          .parse(db.statement('SELECT count(*) AS n FROM orders WHERE user_id = ?').get(userId)).n,
        orders: db
          .statement('SELECT * FROM orders WHERE user_id = ? ORDER BY created_at DESC, id LIMIT ? OFFSET ?')
          .all(userId, limit, offset)
          .map((found) => orderRow.parse(found)),
      })),
    unfinished: (before, limit) =>
      observe(TABLE, 'list', () =>
        db
          .statement(
            `SELECT * FROM orders WHERE step <> 'done' AND updated_at < ? ORDER BY updated_at LIMIT ?`,
          )
          .all(before, limit)
          .map((found) => orderRow.parse(found)),
      ),
  };
}
