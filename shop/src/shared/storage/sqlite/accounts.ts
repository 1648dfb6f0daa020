import { z } from 'zod';
import type {
  Account,
  AccountRepository,
  BalanceChange,
  Debit,
  DebitResult,
  Holding,
  Observe,
  Transaction,
} from '../types.ts';
import type { Sqlite } from './database.ts';

export const ACCOUNT_SCHEMA = [
  `CREATE TABLE accounts (
     id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, email TEXT,
     balance_cents INTEGER NOT NULL CHECK (balance_cents >= 0), created_at INTEGER NOT NULL);
   CREATE TABLE transactions (
     id TEXT PRIMARY KEY, account_id TEXT NOT NULL, type TEXT NOT NULL, amount_cents INTEGER NOT NULL,
     created_at INTEGER NOT NULL);
   CREATE TABLE debits (
     order_id TEXT PRIMARY KEY, account_id TEXT, amount_cents INTEGER NOT NULL, product_id TEXT,
     quantity INTEGER NOT NULL, state TEXT NOT NULL, updated_at INTEGER NOT NULL);
   CREATE TABLE holdings (
     account_id TEXT NOT NULL, product_id TEXT NOT NULL, product_name TEXT NOT NULL,
     quantity INTEGER NOT NULL CHECK (quantity >= 0), cost_cents INTEGER NOT NULL,
     PRIMARY KEY (account_id, product_id)) WITHOUT ROWID`,
];

const accountRow = z
  .object({
    id: z.string(),
    username: z.string(),
    email: z.string().nullable(),
    balance_cents: z.number(),
    created_at: z.number(),
  })
  .transform(
    (r): Account => ({
      id: r.id,
      username: r.username,
      email: r.email,
      balanceCents: r.balance_cents,
      createdAt: r.created_at,
    }),
  );

const holdingRow = z
  .object({
    product_id: z.string(),
    product_name: z.string(),
    quantity: z.number(),
    cost_cents: z.number(),
  })
  .transform(
    (r): Holding => ({
      productId: r.product_id,
      productName: r.product_name,
      quantity: r.quantity,
      costCents: r.cost_cents,
    }),
  );

const debitRow = z.object({
  account_id: z.string().nullable(),
  amount_cents: z.number(),
  product_id: z.string().nullable(),
  quantity: z.number(),
  state: z.enum(['charged', 'refunded']),
});

const TABLE = 'accounts';

export function sqliteAccounts(db: Sqlite, observe: Observe): AccountRepository {
  return {
    add: (account) => observe(TABLE, 'insert', () => db.transaction(() => addAccount(db, account))),
    find: (id) => observe(TABLE, 'find', () => findAccount(db, id)),
    list: (limit, offset) =>
      observe(TABLE, 'list', () => ({
        total: z.object({ n: z.number() }).parse(db.statement('SELECT count(*) AS n FROM accounts').get()).n,
        accounts: db
          .statement('SELECT * FROM accounts ORDER BY created_at, id LIMIT ? OFFSET ?')
          .all(limit, offset)
          .map((found) => accountRow.parse(found)),
      })),
    transact: (transaction) =>
      observe('transactions', 'insert', () => db.transaction(() => transact(db, transaction))),
    debit: (debit) => observe('debits', 'charge', () => db.transaction(() => charge(db, debit))),
    refund: (orderId, now) =>
      observe('debits', 'refund', () => db.transaction(() => refund(db, orderId, now))),
    holdings: (accountId) =>
      observe('holdings', 'list', () =>
        db
          .statement('SELECT * FROM holdings WHERE account_id = ? AND quantity > 0 ORDER BY product_name')
          .all(accountId)
          .map((found) => holdingRow.parse(found)),
      ),
    totalHoldings: () =>
      observe('holdings', 'aggregate', () =>
        db
          .statement(
            `SELECT product_id, max(product_name) AS product_name, sum(quantity) AS quantity,
                    sum(cost_cents) AS cost_cents
             FROM holdings WHERE quantity > 0 GROUP BY product_id`,
          )
          .all()
          .map((found) => holdingRow.parse(found)),
      ),
  };
}

function findAccount(db: Sqlite, id: string): Account | null {
  const found = db.statement('SELECT * FROM accounts WHERE id = ?').get(id);
  return found == null ? null : accountRow.parse(found);
}

function addAccount(
  db: Sqlite,
  { id, username, email, createdAt }: Omit<Account, 'balanceCents'>,
): 'added' | 'exists' | 'duplicate_username' {
  const existing = findAccount(db, id);
  if (existing !== null) return existing.username === username ? 'exists' : 'duplicate_username';
  const { changes } = db
    .statement(
      `INSERT INTO accounts (id, username, email, balance_cents, created_at) VALUES (?, ?, ?, 0, ?)
       ON CONFLICT DO NOTHING`,
    )
    .run(id, username, email, createdAt);
  return changes === 1 ? 'added' : 'duplicate_username';
}

/** Moves the balance by a signed amount unless it would fall below zero. */
function moveBalance(db: Sqlite, accountId: string, deltaCents: number): BalanceChange {
  const { changes } = db
    .statement(
      'UPDATE accounts SET balance_cents = balance_cents + ?1 WHERE id = ?2 AND balance_cents + ?1 >= 0',
    )
    .run(deltaCents, accountId);
  const account = findAccount(db, accountId);
  if (account === null) return { result: 'unknown_account' };
  if (changes !== 1) return { result: 'insufficient_balance', balanceCents: account.balanceCents };
  return { result: 'changed', balanceCents: account.balanceCents, repeated: false };
}

function repeated(db: Sqlite, accountId: string): BalanceChange {
  const account = findAccount(db, accountId);
  if (account === null) return { result: 'unknown_account' };
  return { result: 'changed', balanceCents: account.balanceCents, repeated: true };
}

function transact(db: Sqlite, { id, accountId, type, amountCents, now }: Transaction): BalanceChange {
  if (db.statement('SELECT 1 FROM transactions WHERE id = ?').get(id) != null) return repeated(db, accountId);
  const change = moveBalance(db, accountId, type === 'deposit' ? amountCents : -amountCents);
  if (change.result !== 'changed') return change;
  db.statement(
    'INSERT INTO transactions (id, account_id, type, amount_cents, created_at) VALUES (?, ?, ?, ?, ?)',
  ).run(id, accountId, type, amountCents, now);
  return change;
}

function charge(db: Sqlite, debit: Debit): DebitResult {
  const { orderId, accountId, amountCents, productId, productName, quantity, now } = debit;
  const earlier = db.statement('SELECT * FROM debits WHERE order_id = ?').get(orderId);
  if (earlier != null) {
    return debitRow.parse(earlier).state === 'refunded' ? { result: 'refunded' } : repeated(db, accountId);
  }
  const change = moveBalance(db, accountId, -amountCents);
  if (change.result !== 'changed') return change;
  db.statement(
    `INSERT INTO debits (order_id, account_id, amount_cents, product_id, quantity, state, updated_at)
     VALUES (?, ?, ?, ?, ?, 'charged', ?)`,
  ).run(orderId, accountId, amountCents, productId, quantity, now);
  db.statement(
    `INSERT INTO holdings (account_id, product_id, product_name, quantity, cost_cents) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (account_id, product_id) DO UPDATE
     SET quantity = quantity + excluded.quantity, cost_cents = cost_cents + excluded.cost_cents`,
  ).run(accountId, productId, productName, quantity, amountCents);
  return change;
}

function refund(db: Sqlite, orderId: string, now: number): 'refunded' | 'nothing_charged' {
  const earlier = db.statement('SELECT * FROM debits WHERE order_id = ?').get(orderId);
  if (earlier == null) {
    db.statement(
      `INSERT INTO debits (order_id, account_id, amount_cents, product_id, quantity, state, updated_at)
       VALUES (?, NULL, 0, NULL, 0, 'refunded', ?)`,
    ).run(orderId, now);
    return 'nothing_charged';
  }
  const charged = debitRow.parse(earlier);
  if (charged.state === 'refunded') return 'nothing_charged';
  db.statement('UPDATE accounts SET balance_cents = balance_cents + ? WHERE id = ?').run(
    charged.amount_cents,
    charged.account_id,
  );
  db.statement(
    `UPDATE holdings SET quantity = quantity - ?, cost_cents = cost_cents - ?
     WHERE account_id = ? AND product_id = ?`,
  ).run(charged.quantity, charged.amount_cents, charged.account_id, charged.product_id);
  db.statement(`UPDATE debits SET state = 'refunded', updated_at = ? WHERE order_id = ?`).run(now, orderId);
  return 'refunded';
}
