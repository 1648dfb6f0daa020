import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chosen, fillQuery, fillText, fillUrl, mentioned } from './interpolate.ts';

const one = (value: string): Chosen => ({ values: [value], text: value, multi: false });
const many = (...values: string[]): Chosen => ({ values, text: values.join(' + '), multi: true });
const values = new Map<string, Chosen>([
  ['job', many('api', 'web.eu')],
  ['one', many('a.b')],
  ['node', one('10.0.0.1:9100')],
  ['all', { values: ['.*'], text: 'All', multi: true, literal: true }],
  ['__interval', one('30s')],
]);

describe('variables in queries', () => {
  it.each([
    ['up{job=~"$job"}', String.raw`up{job=~"(api|web\\.eu)"}`],
    ['up{job=~"$one"}', String.raw`up{job=~"a\\.b"}`],
    ['up{instance="$node"}', 'up{instance="10.0.0.1:9100"}'],
    ['up{instance="[[node]]"}', 'up{instance="10.0.0.1:9100"}'],
    ['rate(x[${__interval}])', 'rate(x[30s])'],
    ['up{job=~"$all"}', 'up{job=~".*"}'],
    ['up{job=~"${job:pipe}"}', 'up{job=~"api|web.eu"}'],
    ['up{job=~"${job:regex}"}', String.raw`up{job=~"(api|web\.eu)"}`],
    [
      '"${job:csv}" ${job:json} ${job:queryparam}',
      '"api,web.eu" ["api","web.eu"] var-job=api&var-job=web.eu',
    ],
    ['$unknown ${unknown:csv} [[unknown]] $', '$unknown ${unknown:csv} [[unknown]] $'],
    ['[[[node]]]', '[10.0.0.1:9100]'],
  ])('%s', (expr, filled) => {
    expect(fillQuery(expr, values)).toBe(filled);
  });

  it('shows people the words, not the pattern', () => {
    expect(fillText('CPU of $job on ${node}, $all', values)).toBe(
      'CPU of api + web.eu on 10.0.0.1:9100, All',
    );
  });

  it('leads nowhere that could run code, whatever the values are', () => {
    expect(fillUrl('/dashboards/x?var-job=$node', values)).toBe('/dashboards/x?var-job=10.0.0.1%3A9100');
    expect(fillUrl('$x', new Map([['x', one('javascript:alert(1)')]]))).toBeNull();
    expect(fillUrl('${x:raw}//evil', new Map([['x', one('javascript:alert(1)')]]))).toBeNull();
    expect(fillUrl('//evil.example', values)).toBeNull();
  });

  it('knows which names a text mentions', () => {
    expect([...mentioned('label_values(up{job="$a", x="${b:csv}", y="[[c]]"}, z)')]).toEqual(['a', 'b', 'c']);
  });

  it('never throws, and leaves text without references alone', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof fillQuery(text, values) === 'string'));
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/[$[]/.test(text)),
        (text) => fillQuery(text, values) === text,
      ),
    );
  });
});
