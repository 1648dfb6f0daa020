import { z } from 'zod';
import type { Observe, Product, ProductRepository, Reservation, ReserveResult } from '../types.ts';
import type { Sqlite } from './database.ts';

export const PRODUCT_SCHEMA = [
  `CREATE TABLE products (
     id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL,
     price_cents INTEGER NOT NULL CHECK (price_cents > 0), stock INTEGER NOT NULL CHECK (stock >= 0),
     updated_at INTEGER NOT NULL);
   CREATE TABLE reservations (
     order_id TEXT PRIMARY KEY, product_id TEXT, quantity INTEGER NOT NULL, unit_cents INTEGER NOT NULL,
     state TEXT NOT NULL, updated_at INTEGER NOT NULL)`,
];

const productRow = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    price_cents: z.number(),
    stock: z.number(),
    updated_at: z.number(),
  })
  .transform(
    (r): Product => ({
      id: r.id,
      name: r.name,
      description: r.description,
      priceCents: r.price_cents,
      stock: r.stock,
      updatedAt: r.updated_at,
    }),
  );

const reservationRow = z.object({
  product_id: z.string().nullable(),
  quantity: z.number(),
  unit_cents: z.number(),
  state: z.enum(['held', 'released']),
});

const TABLE = 'products';

export function sqliteProducts(db: Sqlite, observe: Observe): ProductRepository {
  const findNow = (id: string): Product | null => {
    const found = db.statement('SELECT * FROM products WHERE id = ?').get(id);
    return found == null ? null : productRow.parse(found);
  };
  return {
    add: (p) =>
      observe(TABLE, 'insert', () => {
        const { changes } = db
          .statement(
            `INSERT INTO products (id, name, description, price_cents, stock, updated_at)
             VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING`,
          )
          .run(p.id, p.name, p.description, p.priceCents, p.stock, p.updatedAt);
        return changes === 1 ? 'added' : 'duplicate_name';
      }),
    find: (id) => observe(TABLE, 'find', () => findNow(id)),
    search: (text, limit, offset) =>
      observe(TABLE, 'search', () =>
        db
          .statement(
            `SELECT * FROM products WHERE instr(lower(name), ?) > 0 OR instr(lower(description), ?) > 0
             ORDER BY name LIMIT ? OFFSET ?`,
          )
          .all(text.toLowerCase(), text.toLowerCase(), limit, offset)
          .map((found) => productRow.parse(found)),
      ),
    count: () =>
      observe(
        TABLE,
        'count',
        () => z.object({ n: z.number() }).parse(db.statement('SELECT count(*) AS n FROM products').get()).n,
      ),
    changeStock: (id, delta, now) =>
      observe(TABLE, 'update', () =>
        db.transaction(() => {
          const { changes } = db
            .statement(
              'UPDATE products SET stock = stock + ?1, updated_at = ?2 WHERE id = ?3 AND stock + ?1 >= 0',
            )
            .run(delta, now, id);
          const product = findNow(id);
          if (product === null) return { result: 'unknown_product' as const };
          const result = changes === 1 ? ('changed' as const) : ('insufficient_stock' as const);
          return { result, stock: product.stock };
        }),
      ),
    setPrices: (prices, now) =>
      observe(TABLE, 'update', () =>
        db.transaction(() => {
          const update = db.statement('UPDATE products SET price_cents = ?, updated_at = ? WHERE id = ?');
          return prices.reduce((n, p) => n + update.run(p.priceCents, now, p.id).changes, 0);
        }),
      ),
    reserve: (request) =>
      observe('reservations', 'reserve', () => db.transaction(() => reserve(db, findNow, request))),
    release: (orderId, now) =>
      observe('reservations', 'release', () => db.transaction(() => release(db, orderId, now))),
  };
}

function reserve(
  db: Sqlite,
  find: (id: string) => Product | null,
  { orderId, productId, quantity, now }: Reservation,
): ReserveResult {
  const product = find(productId);
  const earlier = db.statement('SELECT * FROM reservations WHERE order_id = ?').get(orderId);
  if (earlier != null) {
    const held = reservationRow.parse(earlier);
    if (held.state === 'released') return { result: 'released' };
    if (product === null) return { result: 'unknown_product' };
    return { result: 'reserved', product, unitCents: held.unit_cents };
  }
  if (product === null) return { result: 'unknown_product' };
  const { changes } = db
    .statement('UPDATE products SET stock = stock - ?1, updated_at = ?2 WHERE id = ?3 AND stock >= ?1')
    .run(quantity, now, productId);
  if (changes !== 1) return { result: 'insufficient_stock', stock: product.stock };
  db.statement(
    `INSERT INTO reservations (order_id, product_id, quantity, unit_cents, state, updated_at)
     VALUES (?, ?, ?, ?, 'held', ?)`,
  ).run(orderId, productId, quantity, product.priceCents, now);
  return {
    result: 'reserved',
    product: { ...product, stock: product.stock - quantity },
    unitCents: product.priceCents,
  };
}

function release(db: Sqlite, orderId: string, now: number): 'released' | 'nothing_held' {
  const earlier = db.statement('SELECT * FROM reservations WHERE order_id = ?').get(orderId);
  if (earlier == null) {
    db.statement(
      `INSERT INTO reservations (order_id, product_id, quantity, unit_cents, state, updated_at)
       VALUES (?, NULL, 0, 0, 'released', ?)`,
    ).run(orderId, now);
    return 'nothing_held';
  }
  const held = reservationRow.parse(earlier);
  if (held.state === 'released') return 'nothing_held';
  db.statement('UPDATE products SET stock = stock + ?, updated_at = ? WHERE id = ?').run(
    held.quantity,
    now,
    held.product_id,
  );
  db.statement(`UPDATE reservations SET state = 'released', updated_at = ? WHERE order_id = ?`).run(
    now,
    orderId,
  );
  return 'released';
}
