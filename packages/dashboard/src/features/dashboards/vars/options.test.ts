import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Variable } from '../model.ts';
import { choose, optionsOf, readQuestion } from './options.ts';

const variable = (more: Partial<Variable>): Variable => ({
  type: 'query',
  name: 'v',
  label: '',
  description: '',
  hide: 'no',
  ...more,
});
const options = ['a', 'b'].map((value) => ({ value, text: value }));

describe('what a query variable asks', () => {
  it.each([
    ['label_values(up, job)', { kind: 'label_values', match: 'up', label: 'job' }],
    [
      'label_values(up{a="x,y", b=~"(1|2)"}, job) ',
      { kind: 'label_values', match: 'up{a="x,y", b=~"(1|2)"}', label: 'job' },
    ],
    ['label_values(application)', { kind: 'label_values', match: '', label: 'application' }],
    ['label_names()', { kind: 'label_names', match: '' }],
    ['metrics(node_)', { kind: 'label_values', match: '{__name__=~"node_.*"}', label: '__name__' }],
    ['query_result(topk(5, sum by (x) (y)))', { kind: 'query_result', expr: 'topk(5, sum by (x) (y))' }],
    ['up == 1', { kind: 'query_result', expr: 'up == 1' }],
    ['', { kind: 'none' }],
  ] as const)('%s', (text, question) => {
    expect(readQuestion(text)).toMatchObject(question);
  });

  it('reads any text', () => {
    fc.assert(fc.property(fc.string(), (text) => readQuestion(text).kind.length > 0));
  });
});

describe('options', () => {
  it('come from the first group, or from groups called value and text, each once and sorted', () => {
    const texts = ['up{job="b"} 1 2', 'up{job="a"} 1 2', 'up{job="a"} 2 2', 'down{}'];
    expect(optionsOf(texts, '/job="([^"]+)"/', 'alpha').map(({ value }) => value)).toEqual(['a', 'b']);
    expect(optionsOf(['n1=x'], '/(?<text>\\w+)=(?<value>\\w+)/', 'none')).toEqual([
      { value: 'x', text: 'n1' },
    ]);
    expect(optionsOf(['d10', 'd9'], '', 'natural').map(({ value }) => value)).toEqual(['d9', 'd10']);
    expect(optionsOf(['d10', 'd9'], '', 'number-desc').map(({ value }) => value)).toEqual(['d10', 'd9']);
    expect(optionsOf(['x'], '/(/', 'none')).toEqual([]);
  });

  it('are chosen by the URL, then as saved, then all or the first', () => {
    expect(choose(variable({ multi: true, current: ['a'] }), ['b', 'gone'], options)).toEqual(['b']);
    expect(choose(variable({ current: ['a', 'b'] }), ['gone'], options)).toEqual(['a']);
    expect(choose(variable({ includeAll: true }), undefined, options)).toEqual(['$__all']);
    expect(choose(variable({}), undefined, options)).toEqual(['a']);
    expect(choose(variable({}), undefined, [])).toEqual([]);
    expect(choose(variable({ type: 'textbox', current: ['x'] }), ['typed'], [])).toEqual(['typed']);
  });
});
