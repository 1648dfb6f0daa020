import { randomUUID } from 'node:crypto';
import type { CatalogClient, Price } from '../shared/clients.ts';
import type { Clock } from '../shared/clock.ts';
import { ShopError } from '../shared/errors.ts';
import type { Caller } from '../shared/jwt.ts';
import type { MetricFactory } from '../shared/metrics.ts';
import { toUnits } from '../shared/money.ts';
import type { Account, AccountRepository, BalanceChange, Debit, Holding } from '../shared/storage/types.ts';
import { isUnavailable } from '../shared/upstream.ts';

/** Prices younger than this are good enough for a portfolio; older ones only when the catalog does not answer. */
const PRICES_FRESH_MS = 5_000;

export function userMetrics(metrics: MetricFactory) {
  return {
    transactions: metrics.counter('transactions_total', 'Money movements, by type.', ['type']),
    balanceChanges: metrics.counter('balance_changes_total', 'Changes of a balance.'),
    portfolioValue: metrics.gauge(
      'portfolio_value',
      'Value of all holdings at catalog prices, in currency units.',
    ),
    portfolioPnl: metrics.gauge('portfolio_pnl', 'Profit and loss of all holdings, in currency units.'),
  };
}

export interface UserDeps {
  readonly accounts: AccountRepository;
  readonly catalog: Pick<CatalogClient, 'prices'>;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly metrics: ReturnType<typeof userMetrics>;
}

interface Position extends Holding {
  /** Null when the product is no longer in the catalog. */
  readonly priceCents: number | null;
  readonly valueCents: number;
  readonly pnlCents: number;
}

export interface Portfolio {
  readonly balanceCents: number;
  readonly positions: readonly Position[];
  readonly valueCents: number;
  readonly costCents: number;
  readonly pnlCents: number;
  /** True when the catalog did not answer and the last known prices were taken. */
  readonly stale: boolean;
}

export interface UserService {
  createProfile(profile: { id: string; username: string; email: string | null }): Promise<void>;
  me(caller: Caller): Promise<Account>;
  list(
    limit: number,
    offset: number,
  ): Promise<{ readonly total: number; readonly accounts: readonly Account[] }>;
  /** Answers the new balance in cents. `id` makes a repeat harmless. */
  move(caller: Caller, type: 'deposit' | 'withdraw', amountCents: number, id: string | null): Promise<number>;
  charge(debit: Omit<Debit, 'now'>): Promise<void>;
  refund(orderId: string): Promise<void>;
  portfolio(caller: Caller): Promise<Portfolio>;
  /** Brings the portfolio gauges in line with the store and the catalog. */
  refreshTotals(): Promise<void>;
}

export function createUserService(deps: UserDeps): UserService {
  const { accounts, clock, metrics } = deps;
  const prices = cachedPrices(deps);

  const moved = (type: 'deposit' | 'withdraw' | 'order' | 'refund'): void => {
    metrics.transactions.inc({ type });
    metrics.balanceChanges.inc({});
  };

  return {
    async createProfile(profile) {
      const added = await accounts.add({ ...profile, createdAt: clock.now() });
      if (added === 'duplicate_username') {
        throw new ShopError('conflict', `username: ${JSON.stringify(profile.username)} is taken`);
      }
    },
    async me(caller) {
      const account = await accounts.find(caller.userId);
      if (account === null) throw noProfile(caller.userId);
      return account;
    },
    list: (limit, offset) => accounts.list(limit, offset),
    async move(caller, type, amountCents, id) {
      // Ids are the caller's own: one user's must not collide with another's.
      const transactionId = `${caller.userId}:${id ?? randomUUID()}`;
      const now = clock.now();
      const change = await accounts.transact({
        id: transactionId,
        accountId: caller.userId,
        type,
        amountCents,
        now,
      });
      const { balanceCents, repeated } = succeeded(change, caller.userId, amountCents);
      if (!repeated) moved(type);
      return balanceCents;
    },
    async charge(debit) {
      const change = await accounts.debit({ ...debit, now: clock.now() });
      if (change.result === 'refunded')
        throw new ShopError('conflict', `order ${debit.orderId} was refunded before`);
      if (!succeeded(change, debit.accountId, debit.amountCents).repeated) moved('order');
    },
    async refund(orderId) {
      if ((await accounts.refund(orderId, clock.now())) === 'refunded') moved('refund');
    },
    async portfolio(caller) {
      const account = await accounts.find(caller.userId);
      if (account === null) throw noProfile(caller.userId);
      const [holdings, known] = [await accounts.holdings(caller.userId), await prices()];
      return { balanceCents: account.balanceCents, ...valued(holdings, known.prices), stale: known.stale };
    },
    async refreshTotals() {
      const { prices: current } = await prices();
      const { valueCents, pnlCents } = valued(await accounts.totalHoldings(), current);
      metrics.portfolioValue.set({}, toUnits(valueCents));
      metrics.portfolioPnl.set({}, toUnits(pnlCents));
    },
  };
}

interface KnownPrices {
  readonly prices: ReadonlyMap<string, Price>;
  readonly stale: boolean;
}

/** Asks the catalog at most every few seconds; when it does not answer, the last known prices serve on. */
function cachedPrices({ catalog, clock }: UserDeps): () => Promise<KnownPrices> {
  let last: { readonly prices: ReadonlyMap<string, Price>; readonly at: number } | null = null;
  return async () => {
    if (last !== null && clock.monotonic() - last.at < PRICES_FRESH_MS)
      return { prices: last.prices, stale: false };
    try {
      const prices = await catalog.prices();
      last = { prices, at: clock.monotonic() };
      return { prices, stale: false };
    } catch (error) {
      if (last === null || !isUnavailable(error)) throw error;
      return { prices: last.prices, stale: true };
    }
  };
}

/** Holdings at catalog prices; what is no longer sold counts at its cost, so that it makes neither profit nor loss. */
function valued(
  holdings: readonly Holding[],
  prices: ReadonlyMap<string, Price>,
): Pick<Portfolio, 'positions' | 'valueCents' | 'costCents' | 'pnlCents'> {
  const positions = holdings.map((holding): Position => {
    const priceCents = prices.get(holding.productId)?.priceCents ?? null;
    const valueCents = priceCents === null ? holding.costCents : priceCents * holding.quantity;
    return { ...holding, priceCents, valueCents, pnlCents: valueCents - holding.costCents };
  });
  const sum = (of: (position: Position) => number): number =>
    positions.reduce((total, p) => total + of(p), 0);
  const [valueCents, costCents] = [sum((p) => p.valueCents), sum((p) => p.costCents)];
  return { positions, valueCents, costCents, pnlCents: valueCents - costCents };
}

function succeeded(
  change: BalanceChange,
  accountId: string,
  amountCents: number,
): { readonly balanceCents: number; readonly repeated: boolean } {
  if (change.result === 'changed') return change;
  if (change.result === 'unknown_account') throw noProfile(accountId);
  const [asked, has] = [toUnits(amountCents), toUnits(change.balanceCents)];
  throw new ShopError('insufficient_balance', `amount: ${asked} is more than the balance of ${has}`);
}

function noProfile(userId: string): ShopError {
  return new ShopError('not_found', `there is no profile for user ${userId}`);
}
