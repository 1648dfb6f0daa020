import { expect, it } from 'vitest';
import type { Target } from '../../api/contracts.ts';
import { filterTargets, targetRows, validateTargetsSearch } from './rows.ts';

const target = (instance: string, health: Target['health'], pool = 'shop'): Target => ({
  labels: { job: pool, instance, zone: 'eu' },
  discoveredLabels: { __address__: instance },
  scrapePool: pool,
  scrapeUrl: `http://${instance}/metrics`,
  lastError: health === 'down' ? 'connection refused' : '',
  lastScrape: 1,
  lastScrapeDuration: 0.1,
  health,
  scrapeInterval: '5s',
  scrapeTimeout: '4s',
  series: 3,
  limits: instance === 'a:1' ? [{ limit: 'target_series_limit', samples: 9, message: 'too many' }] : [],
});
const rows = targetRows(
  [target('b:1', 'up'), target('a:1', 'up', 'web'), target('c:1', 'down')],
  [{ scrapePool: 'shop', discoveredLabels: { __address__: 'd:1', __meta_kind: 'Pod' } }],
);
const found = (search: Parameters<typeof filterTargets>[1]) =>
  filterTargets(rows, search).map(({ instance }) => instance);

it('puts what is down first and what was dropped last', () => {
  expect(rows.map(({ instance, state }) => `${instance} ${state}`)).toEqual([
    'c:1 down',
    'b:1 up',
    'a:1 up',
    'd:1 dropped',
  ]);
});

it('finds by words anywhere, by pool and by state; dropped ones only when asked for', () => {
  expect(found({})).toEqual(['c:1', 'b:1', 'a:1']);
  expect(found({ q: 'ZONE=eu refused' })).toEqual(['c:1']);
  expect(found({ q: 'target_series_limit' })).toEqual(['a:1']);
  expect(found({ pool: 'web' })).toEqual(['a:1']);
  expect(found({ state: 'dropped', q: 'pod' })).toEqual(['d:1']);
});

it('tells targets of the same address apart', () => {
  const same = targetRows([target('a:1', 'up'), target('a:1', 'up')], []);
  expect(new Set(same.map(({ key }) => key)).size).toBe(2);
});

it('drops search parameters that are not valid', () => {
  expect(validateTargetsSearch({ q: 'x', pool: 'p', state: 'down' })).toEqual({
    q: 'x',
    pool: 'p',
    state: 'down',
  });
  expect(validateTargetsSearch({ q: 5, pool: '', state: 'sideways' })).toEqual({});
});
