import type { Clock, Random, Timer } from '../../shared/clock.ts';
import type { ServiceName } from '../../shared/ports.ts';
import type { Fault } from '../fault-manager.ts';
import type { AskShop, ShopRequest } from './gateway-client.ts';
import { createArrivals } from './modes.ts';

const TICK_MS = 100;
const MAX_IN_FLIGHT = 64;

type BadRequest = Omit<ShopRequest, 'token'>;

/** Requests that each service must refuse: wrong types, missing and unknown fields, broken JSON, hostile keys and sizes. */
const BAD_REQUESTS: Readonly<Record<ServiceName, readonly BadRequest[]>> = {
  auth: [
    { method: 'POST', path: '/signin', rawBody: '{"username": "broken' },
    { method: 'POST', path: '/register', body: { username: 'a b', password: 1 } },
    { method: 'POST', path: '/register', rawBody: '{"__proto__": {"admin": true}}' },
    { method: 'POST', path: '/signin', body: [] },
  ],
  order: [
    { method: 'POST', path: '/api/v1/order', body: { product_id: 7, quantity: 'many' } },
    { method: 'POST', path: '/api/v1/order', body: { product_id: 'x', quantity: -1 } },
    { method: 'POST', path: '/api/v1/order', rawBody: 'quantity=1' },
    { method: 'GET', path: '/api/v1/orders?limit=-5' },
  ],
  catalog: [
    { method: 'POST', path: '/api/v1/add_product', body: { name: '', price: -1, stock: 1.5 } },
    { method: 'POST', path: '/api/v1/update_stock', body: { product_id: '../..', delta: null } },
    { method: 'GET', path: `/api/v1/product?q=${'x'.repeat(300)}` },
    { method: 'POST', path: '/api/v1/add_product', rawBody: '\u0000' },
  ],
  user: [
    { method: 'POST', path: '/api/v1/balance/deposit', body: { amount: 'all of it' } },
    { method: 'POST', path: '/api/v1/balance/withdraw', body: { amount: 0.001 } },
    { method: 'POST', path: '/api/v1/balance/deposit', rawBody: '{' },
    { method: 'GET', path: '/api/v1/users?limit=NaN' },
  ],
  gateway: [
    { method: 'GET', path: '/api/v1/no_such_thing' },
    { method: 'POST', path: '/signin', rawBody: 'x'.repeat(100_000) },
    { method: 'GET', path: '/monitoring/errors/details?limit=0' },
    { method: 'POST', path: '/monitoring/circuit-breakers/reset?service=nobody' },
  ],
};

export interface StormDeps {
  readonly ask: AskShop;
  readonly clock: Clock;
  readonly random: Random;
  /** The faults of traffic that are active now. */
  readonly active: () => readonly Fault[];
  /** Bad input comes from somebody who is signed in, so that it reaches the code behind the door. */
  readonly token: () => string | null;
}

/** The faults that are made of requests: malformed ones, and sign-ins with wrong passwords. */
export function startStorms({ ask, clock, random, active, token }: StormDeps): Timer {
  const arrivals = new Map<string, ReturnType<typeof createArrivals>>();
  let inFlight = 0;
  let last = clock.monotonic();
  const send = (fault: Fault): void => {
    const request = stormRequest(fault, random);
    if (request === null || inFlight >= MAX_IN_FLIGHT) return;
    inFlight++;
    const asked = ask(fault.kind === 'bad_input' ? { ...request, token: token() } : request);
    void asked.finally(() => {
      inFlight--;
    });
  };
  return clock.every(TICK_MS, () => {
    const now = clock.monotonic();
    const elapsed = Math.min(1, (now - last) / 1000);
    last = now;
    const faults = active();
    for (const id of arrivals.keys()) if (!faults.some((fault) => fault.id === id)) arrivals.delete(id);
    for (const fault of faults) {
      const arrive = arrivals.get(fault.id) ?? createArrivals(random);
      arrivals.set(fault.id, arrive);
      const rate = Number(fault.params['per_second'] ?? 0);
      for (let arrived = arrive(rate, elapsed); arrived > 0; arrived--) send(fault);
    }
  });
}

function stormRequest(fault: Fault, random: Random): ShopRequest | null {
  if (fault.kind === 'auth_failure_storm') {
    const username = `shopper-0${1 + Math.floor(random() * 8)}`;
    const password = `guess-${Math.floor(random() * 1e9)}`;
    return { method: 'POST', path: '/signin', body: { username, password } };
  }
  const list = BAD_REQUESTS[fault.service];
  return list[Math.floor(random() * list.length)] ?? null;
}
