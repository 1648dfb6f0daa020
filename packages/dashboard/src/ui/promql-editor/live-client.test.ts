import { EqlRegex, EqlSingle, NeqRegex } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { selectorOf } from './live-client.ts';

const matcher = (name: string, type: number, value: string) => ({
  name,
  type,
  value,
  matchesEmpty: () => false,
});

describe('the selector that narrows a completion', () => {
  it('is none without metric and matchers', () => {
    expect(selectorOf('', undefined, 'job')).toBeUndefined();
    expect(selectorOf('', [matcher('job', EqlSingle, 'x')], 'job')).toBeUndefined();
  });

  it('keeps the other matchers with their operators and leaves out the label being typed', () => {
    const matchers = [
      matcher('job', EqlRegex, 'a|b'),
      matcher('instance', EqlSingle, 'x'),
      matcher('code', NeqRegex, '5..'),
      matcher('path', EqlSingle, ''),
    ];
    expect(selectorOf('up', matchers, 'instance')).toBe('{__name__="up","job"=~"a|b","code"!~"5.."}');
  });

  it('quotes names that are no identifiers', () => {
    expect(selectorOf('http.requests', undefined, '')).toBe('{__name__="http.requests"}');
  });
});
