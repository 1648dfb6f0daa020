import type { ClientSession, Collection } from 'mongodb';
import { z } from 'zod';
import type { Observe, Product, ProductRepository, Reservation, ReserveResult } from '../types.ts';
import { isDuplicate, type Mongo, type MongoIndexes } from './database.ts';

export const PRODUCT_INDEXES: MongoIndexes = {
  products: [{ key: { name: 1 }, unique: true }],
  reservations: [{ key: { product_id: 1 } }],
};

const productDocument = z.object({
  _id: z.string(),
  name: z.string(),
  description: z.string(),
  price_cents: z.number(),
  stock: z.number(),
  updated_at: z.number(),
});
type ProductDocument = z.infer<typeof productDocument>;

const reservationDocument = z.object({
  _id: z.string(),
  product_id: z.string().nullable(),
  quantity: z.number(),
  unit_cents: z.number(),
  state: z.enum(['held', 'released']),
  updated_at: z.number(),
});
type ReservationDocument = z.infer<typeof reservationDocument>;

const COLLECTION = 'products';

interface Collections {
  readonly products: Collection<ProductDocument>;
  readonly reservations: Collection<ReservationDocument>;
}

function toProduct(found: unknown): Product {
  const p = productDocument.parse(found);
  return {
    id: p._id,
    name: p.name,
    description: p.description,
    priceCents: p.price_cents,
    stock: p.stock,
    updatedAt: p.updated_at,
  };
}

export function mongoProducts(db: Mongo, observe: Observe): ProductRepository {
  const all: Collections = {
    products: db.collection<ProductDocument>(COLLECTION),
    reservations: db.collection<ReservationDocument>('reservations'),
  };
  const { products } = all;
  return {
    add: (p) => observe(COLLECTION, 'insert', () => add(products, p)),
    find: (id) => observe(COLLECTION, 'find', () => find(products, id)),
    search: (text, limit, offset) =>
      observe(COLLECTION, 'search', async () => {
        const found = await products
          .find({ $expr: { $or: [contains('$name', text), contains('$description', text)] } })
          .sort({ name: 1 })
          .skip(offset)
          .limit(limit)
          .toArray();
        return found.map(toProduct);
      }),
    count: () => observe(COLLECTION, 'count', () => products.countDocuments()),
    changeStock: (id, delta, now) =>
      observe(COLLECTION, 'update', async () => {
        const changed = await products.findOneAndUpdate(
          { _id: id, stock: { $gte: -delta } },
          { $inc: { stock: delta }, $set: { updated_at: now } },
          { returnDocument: 'after' },
        );
        if (changed !== null) return { result: 'changed', stock: toProduct(changed).stock };
        const product = await find(products, id);
        return product === null
          ? { result: 'unknown_product' }
          : { result: 'insufficient_stock', stock: product.stock };
      }),
    setPrices: (prices, now) =>
      observe(COLLECTION, 'update', () =>
        db.transaction(async (session) => {
          let changed = 0;
          for (const { id, priceCents } of prices) {
            const update = { $set: { price_cents: priceCents, updated_at: now } };
            changed += (await products.updateOne({ _id: id }, update, { session })).matchedCount;
          }
          return changed;
        }),
      ),
    reserve: (request) =>
      observe('reservations', 'reserve', () => db.transaction((session) => reserve(all, session, request))),
    release: (orderId, now) =>
      observe('reservations', 'release', () =>
        db.transaction((session) => release(all, session, orderId, now)),
      ),
  };
}

/** Whether a field holds the text, in small letters. A literal: a text that begins with `$` would else name a field. */
function contains(field: string, text: string) {
  return { $gte: [{ $indexOfCP: [{ $toLower: field }, { $literal: text.toLowerCase() }] }, 0] };
}

async function find(
  products: Collection<ProductDocument>,
  id: string,
  session?: ClientSession,
): Promise<Product | null> {
  const found = await products.findOne({ _id: id }, session === undefined ? {} : { session });
  return found === null ? null : toProduct(found);
}

async function add(
  products: Collection<ProductDocument>,
  { id, name, description, priceCents, stock, updatedAt }: Product,
): Promise<'added' | 'duplicate_name'> {
  try {
    await products.insertOne({
      _id: id,
      name,
      description,
      price_cents: priceCents,
      stock,
      updated_at: updatedAt,
    });
    return 'added';
  } catch (error) {
    if (isDuplicate(error) && (await products.findOne({ name })) !== null) return 'duplicate_name';
    throw error;
  }
}

async function reserve(
  { products, reservations }: Collections,
  session: ClientSession,
  { orderId, productId, quantity, now }: Reservation,
): Promise<ReserveResult> {
  const product = await find(products, productId, session);
  const earlier = await reservations.findOne({ _id: orderId }, { session });
  if (earlier !== null) {
    const held = reservationDocument.parse(earlier);
    if (held.state === 'released') return { result: 'released' };
    if (product === null) return { result: 'unknown_product' };
    return { result: 'reserved', product, unitCents: held.unit_cents };
  }
  if (product === null) return { result: 'unknown_product' };
  const { matchedCount } = await products.updateOne(
    { _id: productId, stock: { $gte: quantity } },
    { $inc: { stock: -quantity }, $set: { updated_at: now } },
    { session },
  );
  if (matchedCount !== 1) return { result: 'insufficient_stock', stock: product.stock };
  await reservations.insertOne(
    {
      _id: orderId,
      product_id: productId,
      quantity,
      unit_cents: product.priceCents,
      state: 'held',
      updated_at: now,
    },
    { session },
  );
  return {
    result: 'reserved',
    product: { ...product, stock: product.stock - quantity },
    unitCents: product.priceCents,
  };
}

async function release(
  { products, reservations }: Collections,
  session: ClientSession,
  orderId: string,
  now: number,
): Promise<'released' | 'nothing_held'> {
  const earlier = await reservations.findOne({ _id: orderId }, { session });
  if (earlier === null) {
    await reservations.insertOne(
      { _id: orderId, product_id: null, quantity: 0, unit_cents: 0, state: 'released', updated_at: now },
      { session },
    );
    return 'nothing_held';
  }
  const held = reservationDocument.parse(earlier);
  if (held.state === 'released') return 'nothing_held';
  if (held.product_id !== null) {
    const back = { $inc: { stock: held.quantity }, $set: { updated_at: now } };
    await products.updateOne({ _id: held.product_id }, back, { session });
  }
  await reservations.updateOne(
    { _id: orderId },
    { $set: { state: 'released', updated_at: now } },
    { session },
  );
  return 'released';
}
