import type { ClientSession, Collection } from 'mongodb';
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
import { isDuplicate, type Mongo, type MongoIndexes } from './database.ts';

export const ACCOUNT_INDEXES: MongoIndexes = {
  accounts: [{ key: { username: 1 }, unique: true }, { key: { created_at: 1, _id: 1 } }],
  transactions: [{ key: { account_id: 1 } }],
  debits: [{ key: { account_id: 1 } }],
  holdings: [{ key: { account_id: 1, product_name: 1 } }, { key: { product_id: 1 } }],
};

const accountDocument = z.object({
  _id: z.string(),
  username: z.string(),
  email: z.string().nullable(),
  balance_cents: z.number(),
  created_at: z.number(),
});
type AccountDocument = z.infer<typeof accountDocument>;

const holdingDocument = z.object({
  product_id: z.string(),
  product_name: z.string(),
  quantity: z.number(),
  cost_cents: z.number(),
});
type HoldingDocument = z.infer<typeof holdingDocument> & {
  readonly _id: string;
  readonly account_id: string;
};

const debitDocument = z.object({
  _id: z.string(),
  account_id: z.string().nullable(),
  amount_cents: z.number(),
  product_id: z.string().nullable(),
  quantity: z.number(),
  state: z.enum(['charged', 'refunded']),
  updated_at: z.number(),
});
type DebitDocument = z.infer<typeof debitDocument>;

interface TransactionDocument {
  readonly _id: string;
  readonly account_id: string;
  readonly type: Transaction['type'];
  readonly amount_cents: number;
  readonly created_at: number;
}

interface Collections {
  readonly accounts: Collection<AccountDocument>;
  readonly transactions: Collection<TransactionDocument>;
  readonly debits: Collection<DebitDocument>;
  readonly holdings: Collection<HoldingDocument>;
}

const COLLECTION = 'accounts';

/** One holding per account and product; both ids are ours and hold no slash. */
const holdingId = (accountId: string, productId: string): string => `${accountId}/${productId}`;

function toAccount(found: unknown): Account {
  const a = accountDocument.parse(found);
  return {
    id: a._id,
    username: a.username,
    email: a.email,
    balanceCents: a.balance_cents,
    createdAt: a.created_at,
  };
}

function toHolding(found: unknown): Holding {
  const h = holdingDocument.parse(found);
  return {
    productId: h.product_id,
    productName: h.product_name,
    quantity: h.quantity,
    costCents: h.cost_cents,
  };
}

export function mongoAccounts(db: Mongo, observe: Observe): AccountRepository {
  const all: Collections = {
    accounts: db.collection<AccountDocument>(COLLECTION),
    transactions: db.collection<TransactionDocument>('transactions'),
    debits: db.collection<DebitDocument>('debits'),
    holdings: db.collection<HoldingDocument>('holdings'),
  };
  const { accounts, holdings } = all;
  return {
    add: (account) => observe(COLLECTION, 'insert', () => addAccount(accounts, account)),
    find: (id) => observe(COLLECTION, 'find', () => findAccount(accounts, id)),
    list: (limit, offset) =>
      observe(COLLECTION, 'list', async () => {
        const found = await accounts
          .find({})
          .sort({ created_at: 1, _id: 1 })
          .skip(offset)
          .limit(limit)
          .toArray();
        return { total: await accounts.countDocuments(), accounts: found.map(toAccount) };
      }),
    transact: (transaction) =>
      observe('transactions', 'insert', () =>
        db.transaction((session) => transact(all, session, transaction)),
      ),
    debit: (debit) =>
      observe('debits', 'charge', () => db.transaction((session) => charge(all, session, debit))),
    refund: (orderId, now) =>
      observe('debits', 'refund', () => db.transaction((session) => refund(all, session, orderId, now))),
    holdings: (accountId) =>
      observe('holdings', 'list', async () => {
        const own = { account_id: accountId, quantity: { $gt: 0 } };
        return (await holdings.find(own).sort({ product_name: 1 }).toArray()).map(toHolding);
      }),
    totalHoldings: () =>
      observe('holdings', 'aggregate', async () => {
        const sums = await holdings
          .aggregate([
            { $match: { quantity: { $gt: 0 } } },
            {
              $group: {
                _id: '$product_id',
                product_id: { $first: '$product_id' },
                product_name: { $max: '$product_name' },
                quantity: { $sum: '$quantity' },
                cost_cents: { $sum: '$cost_cents' },
              },
            },
          ])
          .toArray();
        return sums.map(toHolding);
      }),
  };
}

async function findAccount(
  accounts: Collection<AccountDocument>,
  id: string,
  session?: ClientSession,
): Promise<Account | null> {
  const found = await accounts.findOne({ _id: id }, session === undefined ? {} : { session });
  return found === null ? null : toAccount(found);
}

async function addAccount(
  accounts: Collection<AccountDocument>,
  { id, username, email, createdAt }: Omit<Account, 'balanceCents'>,
): Promise<'added' | 'exists' | 'duplicate_username'> {
  try {
    await accounts.insertOne({ _id: id, username, email, balance_cents: 0, created_at: createdAt });
    return 'added';
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    const existing = await findAccount(accounts, id);
    return existing?.username === username ? 'exists' : 'duplicate_username';
  }
}

/** Moves the balance by a signed amount unless it would fall below zero. */
async function moveBalance(
  { accounts }: Collections,
  session: ClientSession,
  accountId: string,
  deltaCents: number,
): Promise<BalanceChange> {
  const changed = await accounts.findOneAndUpdate(
    { _id: accountId, balance_cents: { $gte: -deltaCents } },
    { $inc: { balance_cents: deltaCents } },
    { session, returnDocument: 'after' },
  );
  if (changed !== null)
    return { result: 'changed', balanceCents: toAccount(changed).balanceCents, repeated: false };
  const account = await findAccount(accounts, accountId, session);
  return account === null
    ? { result: 'unknown_account' }
    : { result: 'insufficient_balance', balanceCents: account.balanceCents };
}

async function repeated(
  { accounts }: Collections,
  session: ClientSession,
  accountId: string,
): Promise<BalanceChange> {
  const account = await findAccount(accounts, accountId, session);
  return account === null
    ? { result: 'unknown_account' }
    : { result: 'changed', balanceCents: account.balanceCents, repeated: true };
}

async function transact(
  all: Collections,
  session: ClientSession,
  { id, accountId, type, amountCents, now }: Transaction,
): Promise<BalanceChange> {
  if ((await all.transactions.findOne({ _id: id }, { session })) !== null)
    return repeated(all, session, accountId);
  const change = await moveBalance(all, session, accountId, type === 'deposit' ? amountCents : -amountCents);
  if (change.result !== 'changed') return change;
  await all.transactions.insertOne(
    { _id: id, account_id: accountId, type, amount_cents: amountCents, created_at: now },
    { session },
  );
  return change;
}

async function charge(all: Collections, session: ClientSession, debit: Debit): Promise<DebitResult> {
  const { orderId, accountId, amountCents, productId, productName, quantity, now } = debit;
  const earlier = await all.debits.findOne({ _id: orderId }, { session });
  if (earlier !== null)
    return debitDocument.parse(earlier).state === 'refunded'
      ? { result: 'refunded' }
      : repeated(all, session, accountId);
  const change = await moveBalance(all, session, accountId, -amountCents);
  if (change.result !== 'changed') return change;
  await all.debits.insertOne(
    {
      _id: orderId,
      account_id: accountId,
      amount_cents: amountCents,
      product_id: productId,
      quantity,
      state: 'charged',
      updated_at: now,
    },
    { session },
  );
  await all.holdings.updateOne(
    { _id: holdingId(accountId, productId) },
    {
      $inc: { quantity, cost_cents: amountCents },
      $setOnInsert: { account_id: accountId, product_id: productId, product_name: productName },
    },
    { session, upsert: true },
  );
  return change;
}

async function refund(
  all: Collections,
  session: ClientSession,
  orderId: string,
  now: number,
): Promise<'refunded' | 'nothing_charged'> {
  const earlier = await all.debits.findOne({ _id: orderId }, { session });
  if (earlier === null) {
    await all.debits.insertOne(
      {
        _id: orderId,
        account_id: null,
        amount_cents: 0,
        product_id: null,
        quantity: 0,
        state: 'refunded',
        updated_at: now,
      },
      { session },
    );
    return 'nothing_charged';
  }
  const { account_id, amount_cents, product_id, quantity, state } = debitDocument.parse(earlier);
  if (state === 'refunded') return 'nothing_charged';
  if (account_id !== null && product_id !== null) {
    await all.accounts.updateOne({ _id: account_id }, { $inc: { balance_cents: amount_cents } }, { session });
    await all.holdings.updateOne(
      { _id: holdingId(account_id, product_id) },
      { $inc: { quantity: -quantity, cost_cents: -amount_cents } },
      { session },
    );
  }
  await all.debits.updateOne({ _id: orderId }, { $set: { state: 'refunded', updated_at: now } }, { session });
  return 'refunded';
}
