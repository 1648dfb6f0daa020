import { describe, expect, it } from 'vitest';
import { TemplateBudget } from './budget.ts';
import type { TemplateFunction } from './call.ts';
import { fixed } from './call.ts';
import { CORE_FUNCTIONS } from './core-functions.ts';
import { GoDuration } from './duration.ts';
import { TemplateSet, TemplateSyntaxError } from './template.ts';
import { TemplateError } from './template-error.ts';
import type { Method, Value } from './values.ts';
import { GoObject, StringMap } from './values.ts';

const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ...Object.entries(CORE_FUNCTIONS),
  ['shout', fixed(1, (args) => `${args.text(0)}!`)],
  [
    'broken',
    fixed(0, () => {
      throw new TemplateError('it broke');
    }),
  ],
]);

function run(source: string, data?: Value): string {
  const result = new TemplateSet(FUNCTIONS)
    .parse('t', source)
    .execute({ data, context: { budget: new TemplateBudget() } });
  return result.ok ? result.value : result.reason;
}

const POINT = GoObject.struct(
  'test.Point',
  new Map<string, Value>([
    ['Name', 'p'],
    ['Labels', new StringMap(new Map([['a', '1']]))],
  ]),
  new Map<string, Method>([
    ['Shift', ([by]) => (typeof by === 'string' ? `p+${by}` : 'p')],
    ['Size', () => 3n],
  ]),
);
const LIST = GoObject.named('test.List', [POINT, POINT], new Map<string, Method>([['First', () => POINT]]));

describe('templates by name', () => {
  it.each([
    ['{{define "x"}}[{{.}}]{{end}}{{template "x" "a"}}{{template "x" .}}', '[a][7]'],
    ['{{template "later"}}{{define "later"}}here{{end}}', 'here'],
    ['{{template "x"}}{{define "x"}}{{.}}{{end}}', '<no value>'],
    ['{{block "x" 5}}<{{.}}>{{end}}{{template "x" 6}}', '<5><6>'],
    ['{{range 3}}{{block "x" .}}{{.}},{{end}}{{end}}', '0,1,2,'],
    ['{{define "x"}}{{$}}{{end}}{{$a := 1}}{{template "x" 2}}{{$a}}', '21'],
    ['{{define "x"}}  {{end}}{{define "x"}}full{{end}}{{template "x"}}', 'full'],
    ['{{define "x"}}full{{end}}{{define "x"}} {{end}}{{template "x"}}', 'full'],
    ['{{- define "x" -}} y {{- end -}} z{{template "x"}}', 'zy'],
  ])('%s', (source, text) => {
    expect(run(source, 7n)).toBe(text);
  });

  it.each([
    ['{{define "x"}}a{{end}}{{define "x"}}b{{end}}', 'template: t:1: multiple definition of template "x"'],
    ['{{define x}}{{end}}', 'unexpected "x" in define clause'],
    ['{{define "x"}}a', 'unexpected EOF'],
    ['{{if true}}{{define "x"}}{{end}}{{end}}', 'unexpected {{define}}'],
    ['\n{{define "x"}}{{$y}}{{end}}', 'template: t:2: undefined variable "$y"'],
    ['{{range 3}}{{define "x"}}{{end}}{{end}}', 'unexpected {{define}}'],
    ['{{block "x"}}{{end}}', 'missing value for block clause'],
    ['{{template "x" |}}', 'unexpected "|" in template clause'],
    ['{{define "x"}}{{break}}{{end}}', '{{break}} outside {{range}}'],
  ])('refuses %j', (source, message) => {
    expect(() => run(source)).toThrow(TemplateSyntaxError);
    expect(() => run(source)).toThrow(message);
  });

  it('a template that is not there, or calls itself for ever, ends the execution', () => {
    expect(run('ab{{template "x"}}')).toBe(
      'template: t:1:4: executing "t" at <template "x">: template "x" not defined',
    );
    expect(run('{{define "x"}}{{template "x"}}{{end}}{{template "x"}}')).toContain(
      'exceeded maximum template depth (100)',
    );
  });

  it('know those parsed before, and a later definition replaces an earlier one unless it is empty', () => {
    const set = new TemplateSet(FUNCTIONS);
    set.parse('a.tmpl', '{{define "x"}}old{{end}}{{define "y"}}why{{end}}');
    set.parse('b.tmpl', '{{define "x"}}new{{end}}{{define "y"}}{{end}}');
    const own = set.clone();
    own.parse('c.tmpl', '{{define "x"}}cloned{{end}}');
    const show = (from: TemplateSet): string => {
      const result = from
        .parse('', '{{template "x"}} {{template "y"}}')
        .execute({ data: undefined, context: { budget: new TemplateBudget() } });
      return result.ok ? result.value : result.reason;
    };
    expect([show(set), show(own)]).toEqual(['new why', 'cloned why']);
    expect(set.names()).toEqual(['x', 'y']);
    expect(set.lookup('z')).toBeUndefined();
  });

  it('a text that is refused adds nothing', () => {
    const set = new TemplateSet(FUNCTIONS);
    expect(() => set.parse('bad', '{{define "x"}}a{{end}}{{nope}}')).toThrow(
      'template: bad:1: function "nope" not defined',
    );
    expect(set.names()).toEqual([]);
  });
});

describe('objects of Go types', () => {
  it.each([
    ['{{.Name}} {{.Labels.a}} {{.Labels.b}}| {{.Size}}', 'p 1 | 3'],
    ['{{.Shift "2"}} {{"3" | .Shift}} {{.Shift}}', 'p+2 p+3 p'],
    ['{{if .}}yes{{end}} {{.}} {{printf "%T" .}}', 'yes {p map[a:1]} test.Point'],
  ])('a struct: %s', (source, text) => {
    expect(run(source, POINT)).toBe(text);
  });

  it.each([
    ['{{range $i, $e := .}}{{$i}}{{$e.Name}}{{end}} {{len .}} {{(index . 1).Name}}', '0p1p 2 p'],
    ['{{.First.Name}} {{(.First.Shift "9")}}', 'p p+9'],
    ['{{with .}}{{len (slice . 0 1)}}{{end}}', '1'],
  ])('a list with methods: %s', (source, text) => {
    expect(run(source, LIST)).toBe(text);
  });

  it('a duration prints as in Go and has its methods', () => {
    expect(run('{{.}} {{.Seconds}} {{.Hours}} {{printf "%v|%s" . .}}', GoDuration.ofSeconds(5400))).toBe(
      '1h30m0s 5400 1.5 1h30m0s|1h30m0s',
    );
  });

  it('a time has methods with arguments', () => {
    const time = { ns: 1_767_225_600_000_000_000n, zone: 'UTC' };
    expect(run('{{(.Sub .)}} {{.Before .}} {{.IsZero}} {{.Format "2006"}}', time)).toBe(
      '0s false false 2026',
    );
    expect(run('{{.Format}}', time)).toContain('wrong arguments for Format: got none');
  });

  it('reach nothing through names that mean something to JavaScript', () => {
    for (const source of ['{{.constructor}}', '{{.__proto__}}', '{{.type}}', '{{.methods}}'])
      expect(run(source, POINT)).toContain("can't evaluate field");
  });
});

/** Labels with methods, as notifications have them. */
function keyValues(entries: readonly (readonly [string, string])[]): GoObject {
  const texts = (list: Value): readonly string[] =>
    Array.isArray(list) ? list.filter((one): one is string => typeof one === 'string') : [];
  const names = entries.map(([name]) => name);
  const values = entries.map(([, value]) => value);
  return GoObject.named(
    'template.KV',
    new StringMap(new Map(entries)),
    new Map<string, Method>([
      ['Names', () => names],
      [
        'SortedPairs',
        () => GoObject.named('template.Pairs', names, new Map<string, Method>([['Values', () => values]])),
      ],
      ['Remove', ([gone]) => keyValues(entries.filter(([name]) => !texts(gone).includes(name)))],
      ['Values', () => values],
    ]),
  );
}

it('carries what notifications are made of', () => {
  const functions = new Map<string, TemplateFunction>([
    ...FUNCTIONS,
    [
      'join',
      fixed(2, (args) => {
        const list = args.at(1);
        return Array.isArray(list) ? list.join(args.text(0)) : '';
      }),
    ],
  ]);
  const common = keyValues([
    ['alertname', 'Down'],
    ['job', 'a'],
    ['zone', 'z'],
  ]);
  const firing = [POINT, POINT];
  const data = GoObject.struct(
    'template.Data',
    new Map<string, Value>([
      ['Status', 'firing'],
      [
        'Alerts',
        GoObject.named(
          'template.Alerts',
          [...firing, POINT],
          new Map<string, Method>([['Firing', () => firing]]),
        ),
      ],
      ['GroupLabels', keyValues([['alertname', 'Down']])],
      ['CommonLabels', common],
    ]),
  );
  const source = `{{ define "title" }}[{{ .Status }}{{ if eq .Status "firing" }}:{{ .Alerts.Firing | len }}{{ end }}] {{ .GroupLabels.SortedPairs.Values | join " " }} {{ if gt (len .CommonLabels) (len .GroupLabels) }}({{ with .CommonLabels.Remove .GroupLabels.Names }}{{ .Values | join " " }}{{ end }}){{ end }}{{ end }}{{ template "title" . }}{{ range .Alerts }} {{ .Name }}{{ end }} {{ .CommonLabels.job }}{{ .CommonLabels.none }}`;
  const result = new TemplateSet(functions)
    .parse('t', source)
    .execute({ data, context: { budget: new TemplateBudget() } });
  expect(result).toEqual({ ok: true, value: '[firing:2] Down (a z) p p p a' });
});

describe('errors of an execution', () => {
  it.each([
    [
      'ab {{shout 5}}',
      'template: t:1:5: executing "t" at <shout 5>: error calling shout: wrong type for argument 1',
    ],
    [
      '{{"x" | shout | broken}}',
      'template: t:1:16: executing "t" at <broken>: wrong number of args for broken',
    ],
    ['{{broken}}', 'template: t:1:2: executing "t" at <broken>: error calling broken: it broke'],
    ['\nü {{.Nope}}', 'template: t:2:5: executing "t" at <.Nope>: can\'t evaluate field Nope in type string'],
    [
      '{{if $.a.b}}{{end}}',
      'template: t:1:5: executing "t" at <$.a.b>: can\'t evaluate field a in type string',
    ],
    [
      '{{define "in"}}{{.x}}{{end}}  {{template "in" 5}}',
      'template: t:1:17: executing "in" at <.x>: can\'t evaluate field x in type int',
    ],
  ])('%j', (source, reason) => {
    expect(run(source, 'data')).toContain(reason);
  });

  it('count what stands before the text on its first line', () => {
    const template = new TemplateSet(FUNCTIONS).parse('t', '{{$x.a}}', { variables: ['$x'], offset: 100 });
    const execute = (x: Value) =>
      template.execute({
        data: undefined,
        context: { budget: new TemplateBudget() },
        variables: new Map([['$x', x]]),
      });
    expect(execute(new Map([['a', 'yes']]))).toEqual({ ok: true, value: 'yes' });
    expect(execute('text')).toEqual({
      ok: false,
      reason: 'template: t:1:102: executing "t" at <$x.a>: can\'t evaluate field a in type string',
    });
  });

  it('that are no errors of templates pass through', () => {
    const functions = new Map<string, TemplateFunction>([
      [
        'stop',
        fixed(0, () => {
          throw new RangeError('not a template error');
        }),
      ],
    ]);
    const template = new TemplateSet(functions).parse('t', '{{if stop}}{{end}}');
    expect(() => template.execute({ data: 1n, context: { budget: new TemplateBudget() } })).toThrow(
      RangeError,
    );
  });
});

describe('bounds', () => {
  const within = (source: string, limits: ConstructorParameters<typeof TemplateBudget>[0]) =>
    new TemplateSet(FUNCTIONS)
      .parse('t', source)
      .execute({ data: undefined, context: { budget: new TemplateBudget(limits) } });

  it('of steps, characters and reading', () => {
    expect(within('{{range 100}}{{end}}', { steps: 50 })).toMatchObject({ ok: false });
    expect(within('{{range 10}}abcdefghij{{end}}', { chars: 50 })).toMatchObject({ ok: false });
    expect(within('{{len "abcdefghij"}}', { reads: 5 })).toMatchObject({ ok: false });
    expect(within('{{len "abcdefghij"}}', {})).toEqual({ ok: true, value: '10' });
  });

  it('hold for templates that call each other', () => {
    const source = '{{define "x"}}{{range 1000}}{{template "x"}}{{end}}{{end}}{{template "x"}}';
    expect(within(source, {})).toMatchObject({ ok: false });
  });
});

it('what an action shows may be rendered by the caller', () => {
  const template = new TemplateSet(FUNCTIONS).parse('t', '<b>{{.}}</b>');
  const render = (value: Value): string => String(value).replaceAll('<', '&lt;');
  expect(template.execute({ data: '<i>', context: { budget: new TemplateBudget() }, render })).toEqual({
    ok: true,
    value: '<b>&lt;i></b>',
  });
});
