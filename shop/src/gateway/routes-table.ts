import type { ServiceName } from '../shared/ports.ts';

export type Backend = Exclude<ServiceName, 'gateway'>;

export const BACKENDS = ['auth', 'order', 'catalog', 'user'] as const satisfies readonly Backend[];

export interface ProxiedRoute {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly backend: Backend;
  /** Pharos is asked whether it may go on. */
  readonly judged?: true;
}

/** Everything the gateway lets through; what is not here does not exist outside. */
export const PROXIED_ROUTES: readonly ProxiedRoute[] = [
  { method: 'POST', url: '/register', backend: 'auth' },
  { method: 'POST', url: '/signin', backend: 'auth' },
  { method: 'GET', url: '/circuit-breakers/status', backend: 'auth' },
  { method: 'POST', url: '/circuit-breakers/reset', backend: 'auth' },
  { method: 'POST', url: '/api/v1/order', backend: 'order', judged: true },
  { method: 'GET', url: '/api/v1/orders', backend: 'order' },
  { method: 'POST', url: '/api/v1/add_product', backend: 'catalog' },
  { method: 'POST', url: '/api/v1/update_stock', backend: 'catalog' },
  { method: 'GET', url: '/api/v1/product', backend: 'catalog' },
  { method: 'GET', url: '/api/v1/all_products', backend: 'catalog' },
  { method: 'GET', url: '/api/v1/users', backend: 'user' },
  { method: 'GET', url: '/api/v1/users/me', backend: 'user' },
  { method: 'POST', url: '/api/v1/balance/deposit', backend: 'user' },
  { method: 'POST', url: '/api/v1/balance/withdraw', backend: 'user' },
  { method: 'GET', url: '/api/v1/portfolio', backend: 'user' },
  { method: 'GET', url: '/database/status', backend: 'user' },
];
