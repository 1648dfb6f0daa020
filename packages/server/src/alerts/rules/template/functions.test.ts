import type { Value } from '@pharos/gotemplate';
import { Labels } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import { RULE_FUNCTIONS } from './functions.ts';
import { queryResult } from './query-result.ts';
import { compileRuleTemplate } from './rule-template.ts';

const UP = [
  { labels: Labels.fromRecord({ __name__: 'up', instance: 'b', __value__: 'v' }), value: 21 },
  { labels: Labels.fromRecord({ __name__: 'up', instance: 'a' }), value: 11.5 },
];
const ANSWERS = new Map([
  ['up', UP],
  ['missing', []],
]);

/** Of what Prometheus writes before the text. */
const PREFIX = 112;

function expand(text: string, value: number | string = 0.25): string {
  return compileRuleTemplate('Test', text).expand(
    {
      labels: Labels.fromRecord({ __name__: 'up', job: 'shop', instance: 'order:8003' }),
      externalLabels: new Map([['site', 's1']]),
      value,
    },
    {
      time: 1_767_323_045_500,
      externalUrl: 'http://pharos.example:8000/base',
      query: (query): Value => queryResult(ANSWERS.get(query) ?? []),
    },
  );
}

describe('what a template is about', () => {
  it.each([
    ['no template', 'no template'],
    ['{{ $labels.job }}|{{ .Labels.job }}|{{ $labels.missing }}|', 'shop|shop||'],
    ['{{ $value }} {{ .Value }}', '0.25 0.25'],
    ['{{ $externalLabels.site }} {{ .ExternalLabels.site }}', 's1 s1'],
    [
      '{{ $externalURL }} {{ .ExternalURL }}',
      'http://pharos.example:8000/base http://pharos.example:8000/base',
    ],
    ['{{ $labels.__name__ }}', 'up'],
    [
      '{{ range $name, $text := $labels }}{{ $name }}={{ $text }};{{ end }}',
      '__name__=up;instance=order:8003;job=shop;',
    ],
    ['{{ $labels }}', 'map[__name__:up instance:order:8003 job:shop]'],
    ['{{ with $labels.job }}[{{ . }}]{{ end }}', '[shop]'],
    ['{{ if gt $value 0.1 }}much{{ else }}little{{ end }}', 'much'],
    ['{{ printf "%.1f" $value }}', '0.2'],
    ['{{ index $labels "job" }}', 'shop'],
  ])('%s', (text, expected) => {
    expect(expand(text)).toBe(expected);
  });

  it('a histogram is a text', () => {
    expect(expand('{{ $value }}', '{count:3, sum:2}')).toBe('{count:3, sum:2}');
  });
});

describe('queries', () => {
  it.each([
    ['{{ query "up" | first | value }}', '21'],
    ['{{ query "up" | first | label "instance" }}', 'b'],
    ['{{ query "up" | first | label "nope" }}|', '|'],
    ['{{ query "up" | first | strvalue }}', 'v'],
    [
      '{{ range query "up" | sortByLabel "instance" }}{{ .Labels.instance }}:{{ .Value }} {{ end }}',
      'a:11.5 b:21 ',
    ],
    ['{{ with query "missing" }}x{{ else }}none{{ end }}', 'none'],
    ['{{ len (query "up") }}', '2'],
    ['{{ $x := query "up" | first }}{{ $x.Labels.instance }} {{ $x.Labels.foo }}|', 'b |'],
    ['{{ printf "up{job=%q}" $labels.job | query | len }}', '0'],
  ])('%s', (text, expected) => {
    expect(expand(text)).toBe(expected);
  });
});

describe('numbers', () => {
  it.each([
    [
      'humanize',
      [0, 1, -1, 999, 1000, 1234567, 0.12, 0.000456, 1e30, 9.2e18],
      '0 1 -1 999 1k 1.235M 120m 456u 1e+06Y 9.2E',
    ],
    ['humanize1024', [0, 1, 0.12, 1048576, -2048, 1500], '0 1 0.12 1Mi -2ki 1.465ki'],
    ['humanizePercentage', [0, -0.22222, 0.1234567, 1.23456], '0% -22.22% 12.35% 123.5%'],
    [
      'humanizeDuration',
      [0, 1, 60, 3600, 86_400, 90_000, -183_845, 899.99, 0.1, 0.0001, 1.2345, 12.345, 60.5],
      '0s|1s|1m 0s|1h 0m 0s|1d 0h 0m 0s|1d 1h 0m 0s|-2d 3h 4m 5s|14m 59s|100ms|100us|1.234s|12.35s|1m 0s',
    ],
    [
      'humanizeTimestamp',
      [0, -1, 1_435_065_584.128],
      '1970-01-01 00:00:00 +0000 UTC|1969-12-31 23:59:59 +0000 UTC|2015-06-23 13:19:44.128 +0000 UTC',
    ],
  ])('%s', (name, values, expected) => {
    const separator = expected.includes('|') ? '|' : ' ';
    expect(values.map((value) => expand(`{{ $value | ${name} }}`, value)).join(separator)).toBe(expected);
    // The same as texts, which labels are.
    expect(values.map((value) => expand(`{{ $value | ${name} }}`, String(value))).join(separator)).toBe(
      expected,
    );
  });

  it.each(['humanize', 'humanize1024', 'humanizeDuration', 'humanizeTimestamp'])(
    '%s of no number',
    (name) => {
      expect(
        [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) =>
          expand(`{{ ${name} $value }}`, value),
        ),
      ).toEqual(['NaN', '+Inf', '-Inf']);
    },
  );

  it.each([
    ['{{ parseDuration "1h2m10ms" | printf "%.2f" }}', '3720.01'],
    ['{{ (toTime 1435065584.128).Year }} {{ (toTime "1435065584").Format "15:04" }}', '2015 13:19'],
    [
      '{{ toDuration 90 }} {{ (toDuration "0.5").Milliseconds }} {{ toDuration 90 | humanizeDuration }}',
      '1m30s 500 1m 30s',
    ],
    ['{{ now | humanizeTimestamp }}', '2026-01-02 03:04:05.5 +0000 UTC'],
    ['{{ humanize 5 }}', '5'],
  ])('%s', (text, expected) => {
    expect(expand(text)).toBe(expected);
  });
});

describe('texts', () => {
  it.each([
    ['{{ title "aa bb CC" }}|{{ toUpper "aB" }}|{{ toLower "aB" }}', 'Aa Bb CC|AB|ab'],
    ['{{ match "a+" "baa" }} {{ match "^a+$" "b" }}', 'true false'],
    ['{{ reReplaceAll "(.*):(\\\\d+)" "${1}-$2" "order:8003" }}', 'order-8003'],
    [
      '{{ "order.example.com:8003" | stripPort }} {{ "order" | stripPort }} {{ "[2001:db8::1]:80" | stripPort }}',
      'order.example.com order 2001:db8::1',
    ],
    [
      '{{ "[2001:db8::1]::80" | stripPort }} {{ "2001:db8::1" | stripPort }}',
      '[2001:db8::1]::80 2001:db8::1',
    ],
    [
      '{{ "order.example.com:8003" | stripDomain }} {{ "order.example.com" | stripDomain }}',
      'order:8003 order',
    ],
    [
      '{{ "192.0.2.1:80" | stripDomain }} {{ "192.0.2.1" | stripDomain }} {{ "[2001:db8::1]:80" | stripDomain }}',
      '192.0.2.1:80 192.0.2.1 [2001:db8::1]:80',
    ],
    [
      '{{ graphLink "up == 0" }} {{ tableLink "a+b" }}',
      '/graph?g0.expr=up+%3D%3D+0&g0.tab=0 /graph?g0.expr=a%2Bb&g0.tab=1',
    ],
    ['{{ pathPrefix }} {{ externalURL }}', '/base http://pharos.example:8000/base'],
    ['{{ define "x" }}{{ .arg0 }}-{{ .arg1 }}{{ end }}{{ template "x" (args 1 $labels.job) }}', '1-shop'],
    ['{{ safeHtml "<b>" }} {{ urlQueryEscape "a b&c" }}', '<b> a+b%26c'],
  ])('%s', (text, expected) => {
    expect(expand(text)).toBe(expected);
  });
});

describe('what goes wrong', () => {
  const failure = (reason: string): string =>
    `<error expanding template: error executing template __alert_Test: template: __alert_Test:1:${reason}>`;

  it.each([
    [
      '{{ query "missing" | first }}',
      `${PREFIX + 21}: executing "__alert_Test" at <first>: error calling first: first() called on vector with no elements`,
    ],
    [
      '{{ humanize "one" }}',
      `${PREFIX + 3}: executing "__alert_Test" at <humanize "one">: error calling humanize: strconv.ParseFloat: parsing "one": invalid syntax`,
    ],
    [
      '{{ $labels.a.b }}',
      `${PREFIX + 3}: executing "__alert_Test" at <$labels.a.b>: can't evaluate field b in type string`,
    ],
    [
      '{{ label "a" 5 }}',
      `${PREFIX + 3}: executing "__alert_Test" at <label "a" 5>: error calling label: wrong type for argument 2: expected *template.sample; got int`,
    ],
    [
      '{{ parseDuration "soon" }}',
      `${PREFIX + 3}: executing "__alert_Test" at <parseDuration "soon">: error calling parseDuration: not a valid duration string: "soon"`,
    ],
    [
      '{{ humanizeTimestamp 1e30 }}',
      `${PREFIX + 3}: executing "__alert_Test" at <humanizeTimestamp 1e30>: error calling humanizeTimestamp: 1e+30 cannot be represented as a nanoseconds timestamp since it overflows int64`,
    ],
  ])('%s', (text, reason) => {
    expect(expand(text)).toBe(failure(reason));
  });

  it.each([
    ['a pattern that is none', '{{ reReplaceAll "(" "" "x" }}', 'error calling reReplaceAll'],
    ['a loop without end', '{{ range 1000000000 }}{{ end }}', 'exceeded 100000 steps'],
    [
      'a template that calls itself',
      '{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}',
      'maximum template depth',
    ],
    ['a text that grows', '{{ range 10000 }}{{ printf "%1000d" 1 }}{{ end }}', 'exceeded 1048576 characters'],
    ['functions of other dialects', '{{ .fromJson }}', "can't evaluate field fromJson"],
  ])('%s ends in words', (_, text, reason) => {
    const result = expand(text);
    expect(result).toMatch(/^<error expanding template: /);
    expect(result).toContain(reason);
  });
});

it('has every function of Prometheus', () => {
  const promised =
    'query first label value strvalue args reReplaceAll safeHtml match title toUpper toLower graphLink tableLink sortByLabel stripPort stripDomain humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp toTime toDuration now pathPrefix externalURL parseDuration urlQueryEscape and call html index slice js len not or print printf println urlquery eq ge gt le lt ne';
  const missing = promised.split(' ').filter((name) => !RULE_FUNCTIONS.has(name));
  // `call` calls a function that is a value; no value of a rule's template is one.
  expect(missing).toEqual(['call']);
});
