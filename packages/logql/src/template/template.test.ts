import { Labels } from '@pharos/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StageError } from '../errors.ts';
import { Entry } from '../pipeline/entry.ts';
import { NOW_MS } from '../testing/run-stages.ts';
import { FUNCTIONS } from './functions.ts';
import { compileTemplate } from './template.ts';

const LABELS = {
  s: 'Some Text',
  n: '42',
  f: '2.5',
  neg: '-7',
  empty: '',
  d: '1h30m0.5s',
  size: '2KiB',
  j: '{"a":{"b":[1,2,"x"]},"t":true,"z":null}',
  path: '/a/b/c',
  q: 'a b&c=d/ü',
  date: '2024-02-29 13:05:09',
};
const TIMESTAMP = 1_767_323_045_678_901_234n;

function execute(
  template: string,
  labels: Readonly<Record<string, string>> = LABELS,
  line = 'the line',
): string {
  const entry = new Entry();
  entry.reset(TIMESTAMP, line, Labels.fromRecord(labels), Labels.EMPTY);
  const result = compileTemplate('line', template, 'invalid').execute(entry, { now: () => NOW_MS });
  return result.ok ? result.value : `ERROR ${result.reason}`;
}

describe('syntax', () => {
  it.each([
    ['plain', 'plain'],
    ['{{.s}}', 'Some Text'],
    ['{{ .s }}-{{.nope}}-{{$.n}}', 'Some Text--42'],
    ['a {{- .n -}} b', 'a42b'],
    ['a {{- /* note */ -}} b{{/* x */}}', 'ab'],
    ['{{"quoted\\n"}}{{`raw\\n`}}{{\'x\'}}', 'quoted\nraw\\n120'],
    [
      '{{1}} {{-2}} {{1.5}} {{1e3}} {{0x1f}} {{1_000}} {{true}} {{1000000.0}}',
      '1 -2 1.5 1000 31 1000 true 1e+06',
    ],
    ['{{ .s | lower | trunc 4 }}', 'some'],
    ['{{ (.s | upper) }}', 'SOME TEXT'],
    ['{{ printf "%s-%s" .n (.s | lower) }}', '42-some text'],
    ['{{if .empty}}a{{else}}b{{end}}', 'b'],
    ['{{if eq .n "1"}}a{{else if eq .n "42"}}b{{else}}c{{end}}', 'b'],
    ['{{if and .s (not .empty)}}y{{end}}', 'y'],
    ['{{with .n}}[{{.}}]{{else}}none{{end}}{{with .empty}}x{{else}}none{{end}}', '[42]none'],
    ['{{$x := .n}}{{if true}}{{$x = .f}}{{end}}{{$x}}', '2.5'],
    ['{{range $i, $e := (fromJson .j).a.b}}{{$i}}={{$e}};{{end}}', '0=1;1=2;2=x;'],
    ['{{range $k, $v := fromJson .j}}{{$k}},{{end}}', 'a,t,z,'],
    ['{{range (fromJson .j).a.b}}{{if eq (printf "%v" .) "2"}}{{break}}{{end}}{{.}}{{end}}', '1'],
    ['{{range (fromJson .j).a.b}}{{if eq (printf "%v" .) "2"}}{{continue}}{{end}}{{.}}{{end}}', '1x'],
    ['{{range fromJson "[]"}}x{{else}}none{{end}}', 'none'],
    ['{{range 3}}{{.}}{{end}}', '012'],
    ['{{ (fromJson .j).nope }}|{{ (fromJson .j).z }}', '<no value>|<nil>'],
    ['{{ .__error__ }}', ''],
    ['{{ index . "n" }} {{ index (fromJson .j) "a" "b" 2 }}', '42 x'],
    ['{{ or .empty .n "x" }} {{ and .n .empty "x" }}|', '42 |'],
  ])('%s', (template, text) => {
    expect(execute(template)).toBe(text);
  });

  it.each([
    ['{{.x', 'unclosed action'],
    ['{{if .x}}a', 'unexpected EOF'],
    ['{{end}}', 'unexpected {{end}}'],
    ['{{else}}', 'unexpected {{else}}'],
    ['{{nope .x}}', 'function "nope" not defined'],
    ['{{$x}}', 'undefined variable "$x"'],
    ['{{}}', 'missing value for command'],
    ['{{.x |}}', 'missing value'],
    ['{{.x | "y"}}', 'non executable command'],
    ['{{"x}}', 'unterminated quoted string'],
    ['{{break}}', '{{break}} outside {{range}}'],
    ['{{define "x"}}{{end}}', '{{define}} is not supported'],
    ['{{template "x"}}', '{{template}} is not supported'],
    ['{{.x}}{{if}}', 'missing value for if'],
    ['{{~}}', 'unexpected "~" in command'],
    ["{{'xy'}}", 'malformed character constant'],
    ['line\n{{.x', 'template: line:2'],
    ['{{(((.x}}', 'unexpected'],
    ['{{if .a}}{{else}}{{else}}{{end}}', 'expected end; found {{else}}'],
    ['{{1abc}}', 'unexpected'],
  ])('refuses %j', (template, message) => {
    expect(() => compileTemplate('line', template, 'invalid line template')).toThrow(StageError);
    expect(() => compileTemplate('line', template, 'invalid line template')).toThrow(message);
  });
});

describe('functions', () => {
  it.each([
    // Texts.
    ['{{ToUpper .s}} {{.s | lower}} {{title "a b-c"}}', 'SOME TEXT some text A B-C'],
    ['{{Replace .path "/" "_" 2}} {{.path | replace "/" ""}} {{Replace "aa" "" "-" -1}}', '_a_b/c abc -a-a-'],
    [
      '{{Trim "--x-" "-"}} {{TrimLeft "--x-" "-"}} {{TrimRight "x--" "-"}} {{TrimPrefix "abc" "a"}} {{TrimSuffix "abc" "c"}} {{TrimSpace " x "}}',
      'x x- x bc ab x',
    ],
    ['{{trim " x "}}{{trimAll "$" "$5$"}}{{trimPrefix "-" "-y"}}{{trimSuffix "-" "z-"}}', 'x5yz'],
    [
      '{{trunc 3 .s}} {{trunc -4 .s}} {{substr 5 9 .s}} {{substr -1 4 .s}} {{substr 5 -1 .s}}',
      'Som Text Text Some Text',
    ],
    ['{{contains "Text" .s}} {{hasPrefix "S" .s}} {{hasSuffix "S" .s}}', 'true true false'],
    ['{{indent 2 "a\\nb"}}|{{nindent 1 "x"}}', '  a\n  b|\n x'],
    [
      '{{repeat 3 "ab"}} {{alignLeft 4 "ab"}}| {{alignRight 4 "ab"}} {{alignLeft 3 "abcd"}} {{alignRight 3 "abcd"}}',
      'ababab ab  |   ab abc bcd',
    ],
    ['{{b64enc "hällo"}} {{b64dec "aMOkbGxv"}}', 'aMOkbGxv hällo'],
    ['{{urlencode .q}} {{urldecode "a+b%26"}}', 'a+b%26c%3Dd%2F%C3%BC a b&'],
    [
      '{{regexReplaceAll "(a+)b" "xaab" "${1}-$1"}} {{regexReplaceAllLiteral "a" "aba" "$1"}} {{count "a|b" "abc"}}',
      'xaa-aa $1b$1 2',
    ],
    ['{{len .s}} {{len "ü"}} {{slice "abcdef" 1 3}}', '9 2 bc'],
    ['{{html "<a&\'\\">"}} {{urlquery "a b"}} {{js "a\'<"}}', "&lt;a&amp;&#39;&#34;&gt; a+b a\\'\\u003C"],
    ['{{print 1 2 "x" 3}} {{println "a" 1}}', '1 2x3 a 1\n'],
    // Numbers.
    ['{{add 1 2 .n}} {{sub 5 2}} {{mul 2 3 "4"}} {{div 7 2}} {{mod 7 3}} {{div .neg 2}}', '45 3 24 3 1 -3'],
    [
      '{{addf 0.1 0.2}} {{subf 1 .f}} {{mulf 2 .f 2}} {{divf 1 3}} {{divf 1.5 0.5}}',
      '0.3 -1.5 10 0.3333333333333333 3',
    ],
    ['{{max 1 .n 7}} {{min 1 .n -7}} {{maxf 1.5 2}} {{minf 1.5 .f}}', '42 -7 2 1.5'],
    ['{{ceil 1.2}} {{floor -1.2}} {{round 1.2351 2}} {{round .f 0}}', '2 -2 1.24 3'],
    ['{{int "7"}} {{int 3.9}} {{float64 "2.50"}} {{int "x"}}', '7 3 2.5 0'],
    ['{{.size | bytes}} {{.d | duration}} {{duration_seconds "90s"}}', '2048 5400.5 90'],
    [
      '{{lt 1 2}} {{le "a" "b"}} {{gt 1.5 1.0}} {{ge 1 2}} {{ne 1 2}} {{eq 1 2 1}}',
      'true true true false true true',
    ],
    ['{{default "d" .empty}} {{.n | default "d"}} {{default 5 0}}', 'd 42 5'],
    // Times.
    ['{{ __timestamp__ | date "2006-01-02T15:04:05.000Z07:00" }}', '2026-01-02T03:04:05.678Z'],
    [
      '{{ __timestamp__ | unixEpoch }} {{ __timestamp__ | unixEpochMillis }} {{ __timestamp__ | unixEpochNanos }}',
      '1767323045 1767323045678 1767323045678901234',
    ],
    ['{{ now | unixEpoch }} {{ __line__ }}', '1767323100 the line'],
    ['{{ toDate "2006-01-02 15:04:05" .date | unixEpoch }}', '1709211909'],
    ['{{ toDateInZone "2006-01-02 15:04:05" "Europe/Berlin" .date | unixEpoch }}', '1709208309'],
    [
      '{{ toDateInZone "2006-01-02 15:04:05" "Europe/Berlin" "2024-07-01 00:00:00" | date "Mon, 2 Jan 06 3:04PM -0700" }}',
      'Mon, 1 Jul 24 12:00AM +0200',
    ],
    [
      '{{ unixToTime "1679577215" | date "02.01.2006 MST" }} {{ unixToTime "1679577215000" | unixEpoch }} {{ unixToTime "19000" | date "2006-01-02" }}',
      '23.03.2023 UTC 1679577215 2022-01-08',
    ],
    ['{{ toDate "2006-01-02" "nonsense" | date "2006" }}', '0001'],
    [
      '{{ (__timestamp__).Year }} {{ (now).Format "15:04" }} {{ __timestamp__ }}',
      '2026 03:05 2026-01-02 03:04:05.678901234 +0000 UTC',
    ],
  ])('%s', (template, text) => {
    expect(execute(template)).toBe(text);
  });

  it.each([
    [
      '%d|%5d|%-5d|%05d|%+d|%x|%X|%o|%b|%c|%q|%U',
      "42|   42|42   |00042|+42|2a|2A|52|101010|*|'*'|U+002A",
      '42',
    ],
  ])('printf %s', (format, text) => {
    const args = Array.from({ length: 12 }, () => '42').join(' ');
    expect(execute(`{{printf "${format}" ${args}}}`)).toBe(text);
  });

  it.each([
    [
      '{{printf "%.2f|%8.3f|%e|%g|%v|%6.1f" 3.14159 3.14159 1500.0 1e21 2.0 -0.25}}',
      '3.14|   3.142|1.500000e+03|1e+21|2|  -0.2',
    ],
    [
      '{{printf "%s|%10s|%-4s|%q|%x|%.2s|%v|%t" "a" "b" "c" "d\\n" "hi" "abc" "v" true}}',
      'a|         b|c   |"d\\n"|6869|ab|v|true',
    ],
    ['{{printf "%d %s" "x" 5}}', '%!d(string=x) %!s(int=5)'],
    [
      '{{printf "%d"}} {{printf "%s" "a" "b"}} {{printf "100%%"}} {{printf "%"}}',
      '%!d(MISSING) a%!(EXTRA string=b) 100% %!(NOVERB)',
    ],
    ['{{printf "%*d|%T|%v" 5 42 .n nil}}', '   42|string|<nil>'],
  ])('%s', (template, text) => {
    expect(execute(template)).toBe(text);
  });

  it.each([
    ['{{div 1 0}}', 'error calling div: runtime error: integer divide by zero'],
    ['{{lower 5}}', 'wrong type for argument 1: expected string; got int'],
    ['{{lower}}', 'wrong number of args for lower: want 1 got 0'],
    ['{{eq 1 "1"}}', 'incompatible types for comparison'],
    ['{{gt .n 5}}', 'incompatible types for comparison'],
    ['{{.s.x}}', "can't evaluate field x in type string"],
    ['{{.s "x"}}', "can't give argument to non-function"],
    ['{{bytes "x"}}', 'strconv.ParseFloat: parsing ""'],
    ['{{duration "90"}}', 'missing unit in duration'],
    ['{{urldecode "%zz"}}', 'invalid URL escape'],
    ['{{regexReplaceAll "(" "x" "y"}}', 'error calling regexReplaceAll'],
    ['{{unixToTime "12"}}', "unable to parse time '12'"],
    ['{{index .s 99}}', 'index out of range'],
    ['{{range .s}}{{end}}', "range can't iterate over Some Text"],
    ['{{(fromJson .j).z.y}}', 'nil data'],
    ['{{repeat 999999999 "x"}}', 'exceeded 1048576 characters'],
    ['{{range 1000000000}}{{end}}', 'exceeded 20000 steps'],
    ['{{range 1000}}{{range 1000}}{{end}}{{end}}', 'exceeded 20000 steps'],
    [
      `{{$x := repeat 1000000 "x"}}{{range 100}}{{if contains "y" $x}}{{end}}{{end}}`,
      'read more than 16777216 characters',
    ],
    ['{{printf "%999999d" 1}}{{alignLeft 99999999 "x"}}', 'exceeded 1048576 characters'],
  ])('%s fails', (template, message) => {
    expect(execute(template)).toMatch(/^ERROR template: line: /);
    expect(execute(template)).toContain(message);
  });

  it('fail with whatever a function throws', () => {
    const entry = new Entry();
    entry.reset(TIMESTAMP, 'x', Labels.EMPTY, Labels.EMPTY);
    expect(compileTemplate('line', '{{ now }}', 'invalid').execute(entry, { now: () => Number.NaN })).toEqual(
      {
        ok: false,
        reason: expect.stringMatching(/^template: line: .*BigInt/),
      },
    );
  });

  it('reach years that no Date has', () => {
    const far =
      '{{$t := now}}{{$d := (now).Sub (toDate "2006" "1800")}}{{range 2000}}{{$t = $t.Add $d}}{{end}}{{$t.Year}} {{$t | date "2006"}}';
    expect(execute(far)).toBe('454033 454033');
  });

  it('are all those the language promises (compat §8)', () => {
    const promised =
      '__line__ __timestamp__ ToLower ToUpper Replace Trim TrimLeft TrimRight TrimPrefix TrimSuffix TrimSpace regexReplaceAll regexReplaceAllLiteral count urlencode urldecode bytes duration duration_seconds unixEpoch unixEpochMillis unixEpochNanos toDateInZone unixToTime date toDate now alignLeft alignRight b64enc b64dec lower upper title trunc substr contains hasPrefix hasSuffix indent nindent replace repeat trim trimAll trimPrefix trimSuffix int float64 add sub mul div mod addf subf mulf divf max min maxf minf ceil floor round fromJson default';
    expect(promised.split(' ').filter((name) => !FUNCTIONS.has(name))).toEqual([]);
  });

  it('reach nothing through names that mean something to JavaScript', () => {
    for (const template of [
      '{{.__proto__}}{{.constructor}}',
      '{{(fromJson `{"__proto__":{"x":1}}`).constructor}}',
      '{{index . "__proto__"}}',
    ])
      expect(execute(template)).toMatch(/^(?:|<no value>)$/);
    expect(execute('{{(fromJson `{"__proto__":{"x":"1"}}`).__proto__.x}}')).toBe('1');
  });
});

describe('under hostile templates', () => {
  const FRAGMENTS = [
    ...'{{ }} {{- -}} .x $ $x := = | ( ) , "s" `r` 1 -1 1.5 0x if else end with range break and or eq len index printf'.split(
      ' ',
    ),
    ...'"%d%s%*v" lower add div repeat 99999999 fromJson `{"a":[1]}` .j now date __timestamp__ .constructor toDate regexReplaceAll "(a*)*"'.split(
      ' ',
    ),
    '{{if .x}}',
    '{{end}}',
    '{{range 5}}',
    '\n',
    '/*',
  ];

  it('every template is refused by a StageError or ends in a text or a reason', () => {
    let executed = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 14 }).map((parts) => parts.join(' ')),
          fc
            .array(fc.constantFrom(...FRAGMENTS), { maxLength: 8 })
            .map((parts) => `{{ ${parts.join(' ')} }}`),
          fc.string({ maxLength: 40 }).map((text) => `{{${text}}}`),
        ),
        (template) => {
          try {
            expect(execute(template)).toBeTypeOf('string');
            executed++;
          } catch (error) {
            expect(error).toBeInstanceOf(StageError);
          }
        },
      ),
      { numRuns: 700 },
    );
    expect(executed).toBeGreaterThan(0);
  });

  it('calls every function with arguments of every kind', () => {
    const operands = [
      '.s',
      '.n',
      '.empty',
      '1',
      '-1',
      '2.5',
      'true',
      'nil',
      '.',
      'now',
      '(fromJson .j)',
      '"a.b"',
      '(index (fromJson .j) "nope")',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...FUNCTIONS.keys()),
        fc.array(fc.constantFrom(...operands), { maxLength: 4 }),
        (name, args) => {
          expect(execute(`{{ ${name} ${args.join(' ')} }}`)).toBeTypeOf('string');
        },
      ),
      { numRuns: 900 },
    );
  });
});
