import { describe, expect, it } from 'vitest';
import { validateErrorsSearch } from './search.ts';

describe('search of the errors page', () => {
  it('keeps what it knows and drops the rest', () => {
    const search = { q: 'timeout', status: 'regressed', service: 'order', sort: 'users' };
    expect(validateErrorsSearch({ ...search, other: 1 })).toEqual(search);
    expect(validateErrorsSearch({ q: 5, status: 'gone', service: '', sort: 'name' })).toEqual({});
  });
});
