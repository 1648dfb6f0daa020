import { describe, expect, it } from 'vitest';
import { filterServices, type ServiceRow, sortServices } from './rows.ts';
import { validateServicesSearch } from './search.ts';

const row = (name: string, part: Partial<ServiceRow>): ServiceRow => ({
  name,
  status: 'healthy',
  since: null,
  requestRate: null,
  errorRatio: null,
  p95: null,
  uptime: null,
  spark: null,
  up: 0,
  instances: 0,
  openBreakers: 0,
  breakers: 0,
  ...part,
});
const ROWS = [
  row('b', { requestRate: 1, p95: 2 }),
  row('c', { status: 'unhealthy', requestRate: 5 }),
  row('a', { status: 'degraded', requestRate: 5, p95: 1 }),
];
const names = (rows: readonly ServiceRow[]) => rows.map(({ name }) => name).join('');

describe('the list of services', () => {
  it('sorts by state, name or a figure, those without data last', () => {
    expect(names(sortServices(ROWS, 'state'))).toBe('cab');
    expect(names(sortServices(ROWS, 'name'))).toBe('abc');
    expect(names(sortServices(ROWS, 'requestRate'))).toBe('acb');
    expect(names(sortServices(ROWS, 'p95'))).toBe('bac');
  });

  it('filters by name and state', () => {
    expect(names(filterServices(ROWS, { q: ' B ', status: undefined }))).toBe('b');
    expect(names(filterServices(ROWS, { q: '', status: 'degraded' }))).toBe('a');
  });

  it('reads its search from the URL and drops what is none', () => {
    expect(validateServicesSearch({ q: 'x', status: 'degraded', sort: 'p95' })).toEqual({
      q: 'x',
      status: 'degraded',
      sort: 'p95',
    });
    expect(validateServicesSearch({ q: 5, status: 'sleeping', sort: '__proto__' })).toEqual({});
  });
});
