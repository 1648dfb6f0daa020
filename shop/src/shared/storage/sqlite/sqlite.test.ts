import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Open } from '../testing/contract.ts';
import { accountContract, credentialContract, orderContract, productContract } from '../testing/contract.ts';
import type { Observe } from '../types.ts';
import { ACCOUNT_SCHEMA, sqliteAccounts } from './accounts.ts';
import { CREDENTIAL_SCHEMA, sqliteCredentials } from './credentials.ts';
import type { Sqlite } from './database.ts';
import { openSqlite } from './database.ts';
import { ORDER_SCHEMA, sqliteOrders } from './orders.ts';
import { PRODUCT_SCHEMA, sqliteProducts } from './products.ts';

const plain: Observe = async (_collection, _operation, run) => run();

function opener<R>(schema: readonly string[], create: (db: Sqlite, observe: Observe) => R): Open<R> {
  return async () => {
    const directory = mkdtempSync(join(tmpdir(), 'shop-store-'));
    const file = join(directory, 'store.db');
    const [one, two] = [openSqlite(file, schema), openSqlite(file, schema)];
    return {
      first: create(one, plain),
      second: create(two, plain),
      close: () => {
        one.close();
        two.close();
        rmSync(directory, { recursive: true });
      },
    };
  };
}

productContract('sqlite', opener(PRODUCT_SCHEMA, sqliteProducts));
accountContract('sqlite', opener(ACCOUNT_SCHEMA, sqliteAccounts));
credentialContract('sqlite', opener(CREDENTIAL_SCHEMA, sqliteCredentials));
orderContract('sqlite', opener(ORDER_SCHEMA, sqliteOrders));

it('refuses a file that a newer version wrote', () => {
  const directory = mkdtempSync(join(tmpdir(), 'shop-store-'));
  const file = join(directory, 'store.db');
  openSqlite(file, ['CREATE TABLE a (x)', 'CREATE TABLE b (x)']).close();
  expect(() => openSqlite(file, ['CREATE TABLE a (x)'])).toThrow('newer version');
  rmSync(directory, { recursive: true });
});

it('undoes a transaction that throws', () => {
  const directory = mkdtempSync(join(tmpdir(), 'shop-store-'));
  const db = openSqlite(join(directory, 'store.db'), ['CREATE TABLE a (x)']);
  expect(() =>
    db.transaction(() => {
      db.statement('INSERT INTO a VALUES (1)').run();
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(db.statement('SELECT * FROM a').all()).toEqual([]);
  db.close();
  rmSync(directory, { recursive: true });
});
