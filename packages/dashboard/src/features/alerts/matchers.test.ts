import { describe, expect, it } from 'vitest';
import { matchersFor, matcherText, pastedLabels, typedFilters } from './matchers.ts';

describe('typedFilters', () => {
  it.each([
    ['severity=critical', ['severity=critical']],
    ['a="x, y", b=~"c.*"', ['a="x, y"', 'b=~"c.*"']],
    ['{job="api"}', ['job="api"']],
    ['Disk (full)', ['alertname=~"(?i).*Disk \\\\(full\\\\).*"']],
    ['  ', []],
  ])('%s', (typed, filters) => {
    expect(typedFilters(typed)).toEqual(filters);
  });
});

describe('matchersFor', () => {
  it('says what alerts have in common, and the values of what they have not', () => {
    const alerts = [
      { labels: { alertname: 'Down', host: 'a.b', job: 'x' } },
      { labels: { alertname: 'Down', host: 'c', other: '1' } },
    ];
    expect(matchersFor(alerts)).toEqual([
      { name: 'alertname', value: 'Down', isRegex: false, isEqual: true },
      { name: 'host', value: 'a\\.b|c', isRegex: true, isEqual: true },
    ]);
    expect(matchersFor([])).toEqual([]);
  });

  it('leaves out labels with very many values', () => {
    const alerts = Array.from({ length: 51 }, (_, i) => ({ labels: { alertname: 'Down', i: String(i) } }));
    expect(matchersFor(alerts).map(({ name }) => name)).toEqual(['alertname']);
  });
});

describe('pastedLabels', () => {
  it.each([
    ['{alertname="Down", job="a b"}', { alertname: 'Down', job: 'a b' }],
    ['alertname=Down\nteam=x', { alertname: 'Down', team: 'x' }],
    ['{"alertname": "Down", "n": 1}', { alertname: 'Down', n: '1' }],
    ['alertname: Down\nteam: "x"', { alertname: 'Down', team: 'x' }],
    ['ALERTS{a="b\\"c"}', { a: 'b"c' }],
    ['', {}],
    ['Down', null],
  ])('%s', (text, labels) => {
    expect(pastedLabels(text)).toEqual(labels);
  });
});

it('matcherText quotes names that need it', () => {
  expect([matcherText('a', 'b"c'), matcherText('a.b', 'c', '!~')]).toEqual(['a="b\\"c"', '"a.b"!~"c"']);
});
