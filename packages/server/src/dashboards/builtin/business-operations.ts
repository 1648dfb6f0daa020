import type { DashboardInput } from '../model.ts';
import { bars, curves, EVENTS, figure, type Group, place, STACKED } from './build.ts';

const increase = (metric: string) => `sum(increase(${metric}[$__range]))`;

const GROUPS: readonly Group[] = [
  {
    title: 'In this range',
    panels: [
      figure('Orders executed', increase('orders_total{state="executed"}'), { field: { decimals: 0 } }),
      figure('Orders cancelled', increase('orders_total{state="cancelled"}'), { field: { decimals: 0 } }),
      figure('Volume', increase('order_volume_total'), { unit: 'currencyUSD' }),
      figure('Registrations', increase('registrations_total'), { field: { decimals: 0 } }),
      figure('Logins', increase('logins_total'), { field: { decimals: 0 } }),
      figure('Active users', 'sum(active_users_total)'),
    ],
  },
  {
    title: 'Orders',
    panels: [
      curves(
        'Orders by state',
        { '{{state}}': 'sum by (state) (rate(orders_total[$__rate_interval])) * 60' },
        { unit: 'opm', field: STACKED },
      ),
      curves(
        'Volume a minute',
        { volume: 'sum(rate(order_volume_total[$__rate_interval])) * 60' },
        { unit: 'currencyUSD' },
      ),
      curves(
        'Share of orders that end cancelled',
        {
          cancelled:
            '(sum(rate(orders_total{state="cancelled"}[$__rate_interval])) or vector(0)) / sum(rate(orders_total{state="created"}[$__rate_interval]))',
        },
        { unit: 'percentunit' },
      ),
      curves(
        'Order operations',
        {
          '{{operation}}, {{result}}':
            'sum by (operation, result) (rate(order_operations_total[$__rate_interval]))',
        },
        { unit: 'ops' },
      ),
      curves(
        'Stock updates',
        { updates: 'sum(rate(stock_updates_total[$__rate_interval]))' },
        { unit: 'ops' },
      ),
      curves(
        'Catalog operations',
        { '{{operation}}': 'sum by (operation) (rate(product_operations_total[$__rate_interval]))' },
        { unit: 'ops' },
      ),
    ],
  },
  {
    title: 'Customers',
    panels: [
      curves(
        'Registrations and logins',
        {
          registrations: 'sum(rate(registrations_total[$__rate_interval])) * 60',
          logins: 'sum(rate(logins_total[$__rate_interval])) * 60',
        },
        { unit: 'opm' },
      ),
      curves(
        'Sign-in attempts',
        { '{{result}}': 'sum by (result) (rate(auth_attempts_total[$__rate_interval]))' },
        { unit: 'ops', field: STACKED },
      ),
      curves(
        'Tokens checked',
        {
          '{{job}}, {{result}}': 'sum by (job, result) (rate(jwt_token_validations_total[$__rate_interval]))',
        },
        { unit: 'ops' },
      ),
    ],
  },
  {
    title: 'Money',
    panels: [
      curves(
        'Portfolios',
        { value: 'sum(portfolio_value)', 'profit and loss': 'sum(portfolio_pnl)' },
        { unit: 'currencyUSD' },
      ),
      curves(
        'Transactions',
        { '{{type}}': 'sum by (type) (rate(transactions_total[$__rate_interval])) * 60' },
        { unit: 'opm', field: STACKED },
      ),
      curves(
        'Balance changes',
        { changes: 'sum(rate(balance_changes_total[$__rate_interval])) * 60' },
        { unit: 'opm' },
      ),
      bars(
        'Prices now',
        { '{{product}}': 'max by (product) (asset_price)' },
        { unit: 'currencyUSD', w: 12, h: 10 },
      ),
      curves(
        'Prices',
        { '{{product}}': 'max by (product) (asset_price)' },
        { unit: 'currencyUSD', w: 12, h: 10 },
      ),
    ],
  },
];

/** What the shop's customers do: orders, registrations, balances, holdings and prices. */
export function businessOperations(): DashboardInput {
  return {
    uid: 'pharos-business-operations',
    title: 'Business Operations',
    description:
      'Orders and their volume, registrations and activity, portfolios, prices and balances of the shop.',
    tags: ['pharos', 'shop'],
    folder: 'Ready made',
    time: { range: '1h' },
    annotations: EVENTS,
    panels: place(GROUPS),
  };
}
