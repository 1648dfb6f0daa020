import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { SERVICE_NAMES } from './shared/ports.ts';
import type { TestShop } from './testing/shop.ts';
import { startTestShop } from './testing/shop.ts';

let shop: TestShop;
beforeAll(async () => {
  shop = await startTestShop();
});
afterAll(() => shop.stop());

const exceptions = (path: string) =>
  Object.keys(z.record(z.string(), z.string().min(10)).parse(JSON.parse(readFileSync(path, 'utf8'))));

/** The rules of promtool's linter that a name alone can break. */
function breaksRule(name: string, type: string): boolean {
  if (type === 'counter') return !name.endsWith('_total');
  return name.endsWith('_total') || /_(ms|mb|kb|sec)$/.test(name);
}

/** What each service of the shop exposes. */
const REQUIRED = {
  auth: [
    'auth_attempts_total',
    'auth_failures',
    'jwt_tokens_issued_total',
    'registrations_total',
    'logins_total',
  ],
  order: ['order_operations_total', 'order_404', 'orders_total', 'order_volume_total'],
  catalog: ['product_operations_total', 'stock_updates_total', 'asset_price'],
  user: ['transactions_total', 'balance_changes_total', 'portfolio_value', 'portfolio_pnl'],
  gateway: ['circuit_breaker_state', 'circuit_breaker_requests_total'],
} as const;
const STORED = ['jwt_token_validations_total', 'db_operations_total', 'db_operation_duration_seconds'];

it('every metric that is asked for is there, and every odd name is on the list with its reason', async () => {
  const odd = new Set<string>();
  for (const service of SERVICE_NAMES) {
    const text = (await shop.call('GET', '/metrics', { service })).body as string;
    const types = new Map(
      Array.from(text.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name = '', type = '']) => [name, type]),
    );
    const wanted = [
      'http_500',
      'error_types',
      ...REQUIRED[service],
      ...(service === 'gateway' ? [] : STORED),
    ];
    expect([service, wanted.filter((name) => !types.has(name))]).toEqual([service, []]);
    for (const [name, type] of types) if (breaksRule(name, type)) odd.add(name);
  }
  const root = join(import.meta.dirname, '..');
  const written = [
    ...exceptions(join(root, 'metric-name-exceptions.json')),
    ...exceptions(join(root, '../packages/node/metric-name-exceptions.json')),
  ];
  expect([...odd].toSorted()).toEqual(written.toSorted());
});
