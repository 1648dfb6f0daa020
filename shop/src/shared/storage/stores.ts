import { ACCOUNT_INDEXES, mongoAccounts } from './mongo/accounts.ts';
import { CREDENTIAL_INDEXES, mongoCredentials } from './mongo/credentials.ts';
import type { Mongo, MongoIndexes } from './mongo/database.ts';
import { mongoOrders, ORDER_INDEXES } from './mongo/orders.ts';
import { mongoProducts, PRODUCT_INDEXES } from './mongo/products.ts';
import { ACCOUNT_SCHEMA, sqliteAccounts } from './sqlite/accounts.ts';
import { CREDENTIAL_SCHEMA, sqliteCredentials } from './sqlite/credentials.ts';
import type { Sqlite } from './sqlite/database.ts';
import { ORDER_SCHEMA, sqliteOrders } from './sqlite/orders.ts';
import { PRODUCT_SCHEMA, sqliteProducts } from './sqlite/products.ts';
import type {
  AccountRepository,
  CredentialRepository,
  Observe,
  OrderRepository,
  ProductRepository,
} from './types.ts';

/** How one repository is made in each kind of store. */
export interface Stored<R> {
  readonly sqlite: {
    readonly schema: readonly string[];
    readonly create: (db: Sqlite, observe: Observe) => R;
  };
  readonly mongo: { readonly indexes: MongoIndexes; readonly create: (db: Mongo, observe: Observe) => R };
}

export const ACCOUNTS: Stored<AccountRepository> = {
  sqlite: { schema: ACCOUNT_SCHEMA, create: sqliteAccounts },
  mongo: { indexes: ACCOUNT_INDEXES, create: mongoAccounts },
};

export const CREDENTIALS: Stored<CredentialRepository> = {
  sqlite: { schema: CREDENTIAL_SCHEMA, create: sqliteCredentials },
  mongo: { indexes: CREDENTIAL_INDEXES, create: mongoCredentials },
};

export const ORDERS: Stored<OrderRepository> = {
  sqlite: { schema: ORDER_SCHEMA, create: sqliteOrders },
  mongo: { indexes: ORDER_INDEXES, create: mongoOrders },
};

export const PRODUCTS: Stored<ProductRepository> = {
  sqlite: { schema: PRODUCT_SCHEMA, create: sqliteProducts },
  mongo: { indexes: PRODUCT_INDEXES, create: mongoProducts },
};
