import { describe, expect, it } from 'vitest';
import type { PolicyRule } from './contracts.ts';
import { offsetsOf, recipientsText, targetText, titleOf } from './words.ts';

const level = (times: number, every: number): PolicyRule['levels'][number] => ({
  tell: [],
  times,
  every_seconds: every,
});

describe('words of on call', () => {
  it('tell when each level is told, and when all were', () => {
    const rule = { name: 'warning', matchers: [], delay_seconds: 900, during: null };
    expect(offsetsOf({ ...rule, levels: [level(2, 300), level(1, 600)] })).toEqual([900, 1500, 2100]);
  });

  it('name those who are told', () => {
    expect(
      recipientsText([
        { receiver: 'ada-phone', person: 'ada' },
        { receiver: 'team', person: null },
      ]),
    ).toBe('ada by ada-phone, team');
    expect(targetText({ kind: 'schedule', name: 'platform' })).toBe('who is on call in platform');
  });

  it('tell what a page is about', () => {
    expect(titleOf({ labels: { alertname: 'Down' }, annotations: { summary: 'it is down' } })).toEqual({
      name: 'Down',
      said: 'it is down',
    });
    expect(titleOf({ labels: {}, annotations: {} })).toEqual({ name: 'an alert without a name', said: '' });
  });
});
