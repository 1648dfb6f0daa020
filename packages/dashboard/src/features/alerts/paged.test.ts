import { describe, expect, it } from 'vitest';
import type { Alert } from './contracts.ts';
import { acknowledgedBy, waitingPages } from './paged.ts';

const page = (id: string, by = ''): Alert['paged'][number] => ({
  id,
  state: by === '' ? 'escalating' : 'acknowledged',
  acknowledged_by: by,
  acknowledged_at: by === '' ? null : 5,
});

describe('pages of alerts', () => {
  it('are acknowledged when all of them are', () => {
    expect(acknowledgedBy({ paged: [] })).toBe('');
    expect(acknowledgedBy({ paged: [page('1', 'ada'), page('2', 'ada')] })).toBe('ada');
    expect(acknowledgedBy({ paged: [page('1', 'ada'), page('2', 'grace')] })).toBe('ada, grace');
    expect(acknowledgedBy({ paged: [page('1', 'ada'), page('2')] })).toBe('');
  });

  it('that wait are told once, however many alerts they are of', () => {
    const alerts = [
      { paged: [page('1'), page('2', 'ada')] },
      { paged: [page('1'), page('3')] },
      { paged: [] },
    ];
    expect(waitingPages(alerts)).toEqual(['1', '3']);
  });
});
