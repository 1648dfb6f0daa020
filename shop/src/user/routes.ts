import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { iso } from '../shared/clock.ts';
import type { Caller } from '../shared/jwt.ts';
import { toUnits } from '../shared/money.ts';
import type { CallerName } from '../shared/ports.ts';
import { identifier, money, parse, queryWhole, text, whole } from '../shared/validate.ts';
import type { Portfolio, UserService } from './service.ts';

const page = z.object({ limit: queryWhole(1, 200, 50), offset: queryWhole(0, 1_000_000, 0) });
const movement = z.strictObject({ amount: money(1_000_000), transaction_id: identifier.optional() });
const profile = z.strictObject({ id: identifier, username: text(1, 64), email: text(3, 254).nullable() });
const debit = z.strictObject({
  order_id: identifier,
  user_id: identifier,
  amount_cents: whole(1, Number.MAX_SAFE_INTEGER),
  product_id: identifier,
  product_name: text(1, 100),
  quantity: whole(1, 1_000),
});
const debited = z.object({ orderId: identifier });

export interface UserRouteDeps {
  readonly users: UserService;
  readonly caller: (request: FastifyRequest) => Promise<Caller>;
  readonly service: (request: FastifyRequest, allowed: readonly CallerName[]) => Promise<CallerName>;
  /** How the store is, and since when this process has it open. */
  readonly database: () => Promise<{ readonly connected: boolean; readonly latencyMs: number }>;
}

export function userRoutes(app: FastifyInstance, deps: UserRouteDeps): void {
  const { users, caller, database } = deps;
  app.get('/api/v1/users', async (request) => {
    await caller(request);
    const { limit, offset } = parse(page, request.query, 'query');
    const { total, accounts } = await users.list(limit, offset);
    // Others see who there is, not what they own.
    const shown = accounts.map(({ id, username, createdAt }) => ({
      id,
      username,
      created_at: iso(createdAt),
    }));
    return { total, limit, offset, users: shown };
  });
  app.get('/api/v1/users/me', async (request) => {
    const account = await users.me(await caller(request));
    const { id, username, email, balanceCents, createdAt } = account;
    return { id, username, email, balance: toUnits(balanceCents), created_at: iso(createdAt) };
  });
  for (const type of ['deposit', 'withdraw'] as const) {
    app.post(`/api/v1/balance/${type}`, async (request) => {
      const who = await caller(request);
      const { amount, transaction_id } = parse(movement, request.body);
      return { balance: toUnits(await users.move(who, type, amount, transaction_id ?? null)) };
    });
  }
  app.get('/api/v1/portfolio', async (request) => shown(await users.portfolio(await caller(request))));
  app.get('/database/status', async (_request, reply) => {
    const { connected, latencyMs } = await database();
    const status = connected ? 'connected' : 'disconnected';
    return reply.code(connected ? 200 : 503).send({ status, engine: 'sqlite', latency_ms: latencyMs });
  });
  internalRoutes(app, deps);
}

function internalRoutes(app: FastifyInstance, { users, service }: UserRouteDeps): void {
  app.post('/internal/profiles', async (request) => {
    await service(request, ['auth']);
    await users.createProfile(parse(profile, request.body));
    return { created: true };
  });
  app.post('/internal/debits', async (request) => {
    await service(request, ['order']);
    const body = parse(debit, request.body);
    await users.charge({
      orderId: body.order_id,
      accountId: body.user_id,
      amountCents: body.amount_cents,
      productId: body.product_id,
      productName: body.product_name,
      quantity: body.quantity,
    });
    return { charged: true };
  });
  app.delete('/internal/debits/:orderId', async (request) => {
    await service(request, ['order']);
    await users.refund(parse(debited, request.params, 'path').orderId);
    return { refunded: true };
  });
}

function shown(portfolio: Portfolio) {
  return {
    balance: toUnits(portfolio.balanceCents),
    value: toUnits(portfolio.valueCents),
    cost: toUnits(portfolio.costCents),
    pnl: toUnits(portfolio.pnlCents),
    prices: portfolio.stale ? 'last known' : 'current',
    holdings: portfolio.positions.map((p) => ({
      product_id: p.productId,
      product_name: p.productName,
      quantity: p.quantity,
      price: p.priceCents === null ? null : toUnits(p.priceCents),
      value: toUnits(p.valueCents),
      cost: toUnits(p.costCents),
      pnl: toUnits(p.pnlCents),
    })),
  };
}
