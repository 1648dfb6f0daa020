import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { ACCOUNTS, CREDENTIALS, ORDERS, PRODUCTS, type Stored } from '../stores.ts';
import {
  accountContract,
  credentialContract,
  type Open,
  orderContract,
  productContract,
} from '../testing/contract.ts';
import type { Observe } from '../types.ts';
import { isDuplicate, openMongo } from './database.ts';

/** Where a replica set of one member listens by default. */
const URI = process.env['MONGODB_URI'] || 'mongodb://127.0.0.1:27017/?directConnection=true';
const LOOK_MS = 500;

const plain: Observe = async (_collection, _operation, run) => run();

async function isReachable(): Promise<boolean> {
  const client = new MongoClient(URI, { serverSelectionTimeoutMS: LOOK_MS });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

function opener<R>({ mongo }: Stored<R>): Open<R> {
  return async () => {
    const database = `shop_test_${randomUUID()}`;
    const [one, two] = [
      await openMongo(URI, database, mongo.indexes),
      await openMongo(URI, database, mongo.indexes),
    ];
    return {
      first: mongo.create(one, plain),
      second: mongo.create(two, plain),
      close: async () => {
        await Promise.all([one.close(), two.close()]);
        const client = new MongoClient(URI);
        await client.db(database).dropDatabase();
        await client.close();
      },
    };
  };
}

const reachable = await isReachable();

// Debian and npm have no server: who has one names it by MONGODB_URI.
describe.skipIf(!reachable)('on a MongoDB server', () => {
  productContract('mongodb', opener(PRODUCTS));
  accountContract('mongodb', opener(ACCOUNTS));
  credentialContract('mongodb', opener(CREDENTIALS));
  orderContract('mongodb', opener(ORDERS));
});

it('refuses a server that does not answer', async () => {
  // Its text names the refused connection only when that was seen within the time.
  await expect(openMongo('mongodb://127.0.0.1:1/', 'shop', {}, 50)).rejects.toMatchObject({
    name: 'MongoServerSelectionError',
  });
});

it('knows a duplicate by its code, not by its text', () => {
  expect(isDuplicate(Object.assign(new Error('x'), { code: 11_000 }))).toBe(true);
  expect([new Error('E11000 duplicate key'), null, { code: 11_000 }].map(isDuplicate)).toEqual([
    false,
    false,
    false,
  ]);
});
