import { z } from 'zod';
import { ShopError } from './errors.ts';

/** One answer of another service: any status below 500. */
interface UpstreamAnswer {
  readonly status: number;
  readonly body: unknown;
}

interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

/**
 * Calls another service through its named breaker, with the caller's credential, a deadline and retries. Every internal
 * call of the shop may be repeated harmlessly, so all of them are retried.
 * Throws `unavailable` or `timeout` when there was no answer, or only server errors; then it is unknown whether the call had an effect.
 */
export interface Upstream {
  call(request: UpstreamRequest): Promise<UpstreamAnswer>;
}

const productPrice = z.object({ id: z.string(), name: z.string(), price_cents: z.number() });
const reserved = z.object({ product_name: z.string(), unit_cents: z.number() });
const errorBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** What the other side said no to. */
type Refusal = { readonly refused: string };

export interface Price {
  readonly name: string;
  readonly priceCents: number;
}

/** The order and user services' view of the catalog. */
export interface CatalogClient {
  reserve(
    orderId: string,
    productId: string,
    quantity: number,
  ): Promise<{ readonly productName: string; readonly unitCents: number } | Refusal>;
  release(orderId: string): Promise<void>;
  prices(): Promise<ReadonlyMap<string, Price>>;
}

export function createCatalogClient(upstream: Upstream): CatalogClient {
  return {
    reserve: async (orderId, productId, quantity) => {
      const body = { order_id: orderId, product_id: productId, quantity };
      const answer = await upstream.call({ method: 'POST', path: '/internal/reservations', body });
      if (answer.status !== 200) return refusal('catalog', answer);
      const { product_name, unit_cents } = reserved.parse(answer.body);
      return { productName: product_name, unitCents: unit_cents };
    },
    release: async (orderId) => {
      const path = `/internal/reservations/${encodeURIComponent(orderId)}`;
      expectOk('catalog', await upstream.call({ method: 'DELETE', path }));
    },
    prices: async () => {
      const answer = await upstream.call({ method: 'GET', path: '/internal/prices' });
      expectOk('catalog', answer);
      const products = z.object({ products: z.array(productPrice) }).parse(answer.body).products;
      return new Map(products.map((p) => [p.id, { name: p.name, priceCents: p.price_cents }]));
    },
  };
}

interface Charge {
  readonly orderId: string;
  readonly userId: string;
  readonly amountCents: number;
  readonly productId: string;
  readonly productName: string;
  readonly quantity: number;
}

/** The auth and order services' view of the user service. */
export interface UserClient {
  createProfile(profile: {
    id: string;
    username: string;
    email: string | null;
  }): Promise<'created' | Refusal>;
  charge(charge: Charge): Promise<'charged' | Refusal>;
  refund(orderId: string): Promise<void>;
}

export function createUserClient(upstream: Upstream): UserClient {
  return {
    createProfile: async (body) => {
      const answer = await upstream.call({ method: 'POST', path: '/internal/profiles', body });
      return answer.status === 200 ? 'created' : refusal('user', answer);
    },
    charge: async (c) => {
      const body = {
        order_id: c.orderId,
        user_id: c.userId,
        amount_cents: c.amountCents,
        product_id: c.productId,
        product_name: c.productName,
        quantity: c.quantity,
      };
      const answer = await upstream.call({ method: 'POST', path: '/internal/debits', body });
      return answer.status === 200 ? 'charged' : refusal('user', answer);
    },
    refund: async (orderId) => {
      const path = `/internal/debits/${encodeURIComponent(orderId)}`;
      expectOk('user', await upstream.call({ method: 'DELETE', path }));
    },
  };
}

const BUSINESS_REFUSALS = new Set(['not_found', 'insufficient_stock', 'insufficient_balance', 'conflict']);

/** A no that belongs to the business; any other client error means that we asked wrongly, which is our own fault. */
function refusal(service: string, answer: UpstreamAnswer): Refusal {
  const body = errorBody.safeParse(answer.body);
  if (body.success && BUSINESS_REFUSALS.has(body.data.error.code)) return { refused: body.data.error.code };
  throw unexpected(service, answer.status);
}

function expectOk(service: string, answer: UpstreamAnswer): void {
  if (answer.status !== 200) throw unexpected(service, answer.status);
}

function unexpected(service: string, status: number): ShopError {
  return new ShopError('bad_gateway', `${service} answered ${status} to an internal call`);
}
