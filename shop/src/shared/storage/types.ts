/**
 * One repository interface per collection. An implementation is right when it passes `testing/contract.ts`; the rules
 * that must hold under concurrent load, also between processes, stand in the contract, not in the services:
 * stock and balance never go below zero, and an operation with a known id happens at most once.
 * Money is whole cents, instants are epoch milliseconds.
 */

/** Wraps every access: measures it, and lets the slow-database fault delay it. */
export type Observe = <T>(collection: string, operation: string, run: () => T | Promise<T>) => Promise<T>;

export interface Credential {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly passwordHash: string;
  /** `pending` until the profile exists at the user service; only `active` ones sign in. */
  readonly state: 'pending' | 'active';
  readonly createdAt: number;
}

export interface CredentialRepository {
  /**
   * Adds a pending credential and answers its id; null when the username is taken. One that is only pending is taken over
   * with its id, under which a profile may exist already, and the new hash.
   */
  addPending(credential: Omit<Credential, 'state'>): Promise<string | null>;
  /** Activates a pending credential unless somebody else took it over meanwhile; the salted hash tells whose it is. */
  activate(id: string, passwordHash: string): Promise<boolean>;
  findByUsername(username: string): Promise<Credential | null>;
}

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly priceCents: number;
  readonly stock: number;
  readonly updatedAt: number;
}

export type ReserveResult =
  | { readonly result: 'reserved'; readonly product: Product; readonly unitCents: number }
  | { readonly result: 'unknown_product' }
  | { readonly result: 'insufficient_stock'; readonly stock: number }
  /** The order was released before; a late reserve must not hold stock for it. */
  | { readonly result: 'released' };

export interface ProductRepository {
  add(product: Product): Promise<'added' | 'duplicate_name'>;
  find(id: string): Promise<Product | null>;
  /** Products whose name or description contains the text, by name. */
  search(text: string, limit: number, offset: number): Promise<readonly Product[]>;
  count(): Promise<number>;
  /** Adds `delta` (may be negative) unless stock would fall below zero. */
  changeStock(id: string, delta: number, now: number): Promise<StockChange>;
  setPrices(
    prices: readonly { readonly id: string; readonly priceCents: number }[],
    now: number,
  ): Promise<number>;
  /** Takes stock for an order, once: a repeat with the same order id answers as the first time and takes nothing. */
  reserve(request: Reservation): Promise<ReserveResult>;
  /** Gives an order's stock back, once; an order never seen is remembered as released. */
  release(orderId: string, now: number): Promise<'released' | 'nothing_held'>;
}

type StockChange =
  | { readonly result: 'changed'; readonly stock: number }
  | { readonly result: 'unknown_product' }
  | { readonly result: 'insufficient_stock'; readonly stock: number };

export interface Reservation {
  readonly orderId: string;
  readonly productId: string;
  readonly quantity: number;
  readonly now: number;
}

export interface Account {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly balanceCents: number;
  readonly createdAt: number;
}

export interface Holding {
  readonly productId: string;
  readonly productName: string;
  readonly quantity: number;
  /** What was paid for all of it. */
  readonly costCents: number;
}

/** A charge for an order: money out of the balance, holdings in. */
export interface Debit {
  readonly orderId: string;
  readonly accountId: string;
  readonly amountCents: number;
  readonly productId: string;
  readonly productName: string;
  readonly quantity: number;
  readonly now: number;
}

export type BalanceChange =
  | { readonly result: 'changed'; readonly balanceCents: number; readonly repeated: boolean }
  | { readonly result: 'unknown_account' }
  | { readonly result: 'insufficient_balance'; readonly balanceCents: number };

export type DebitResult = BalanceChange | { readonly result: 'refunded' };

export interface Transaction {
  /** Makes a repeat harmless. */
  readonly id: string;
  readonly accountId: string;
  readonly type: 'deposit' | 'withdraw';
  readonly amountCents: number;
  readonly now: number;
}

export interface AccountRepository {
  /** Adds an account with nothing in it; a repeat with the same id is harmless. */
  add(account: Omit<Account, 'balanceCents'>): Promise<'added' | 'exists' | 'duplicate_username'>;
  find(id: string): Promise<Account | null>;
  list(
    limit: number,
    offset: number,
  ): Promise<{ readonly total: number; readonly accounts: readonly Account[] }>;
  /** Deposits or withdraws, once per id, unless the balance would fall below zero. */
  transact(transaction: Transaction): Promise<BalanceChange>;
  /** Charges an order, once, unless the balance would fall below zero. */
  debit(debit: Debit): Promise<DebitResult>;
  /** Undoes an order's charge, once; an order never seen is remembered as refunded, so that a late charge is refused. */
  refund(orderId: string, now: number): Promise<'refunded' | 'nothing_charged'>;
  holdings(accountId: string): Promise<readonly Holding[]>;
  /** Everybody's holdings summed per product. */
  totalHoldings(): Promise<readonly Holding[]>;
}

export type OrderState = 'created' | 'executed' | 'cancelled';
/** What is to be done next for an order; `done` is final. */
export type OrderStep = 'reserve' | 'charge' | 'refund' | 'release' | 'done';

export interface Order {
  readonly id: string;
  readonly userId: string;
  readonly productId: string;
  readonly productName: string | null;
  readonly quantity: number;
  readonly unitCents: number | null;
  readonly state: OrderState;
  readonly step: OrderStep;
  readonly reason: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface OrderRepository {
  /** Adds an order, or answers the one that has its id. */
  add(order: Order): Promise<{ readonly added: boolean; readonly order: Order }>;
  find(id: string): Promise<Order | null>;
  /** Replaces the order only while it still stands at `fromStep`; false when somebody else moved it. */
  advance(order: Order, fromStep: OrderStep): Promise<boolean>;
  /** One user's orders, newest first. */
  listByUser(
    userId: string,
    limit: number,
    offset: number,
  ): Promise<{ total: number; orders: readonly Order[] }>;
  /** Orders that are not done and were last moved before the instant, oldest first. */
  unfinished(before: number, limit: number): Promise<readonly Order[]>;
}
