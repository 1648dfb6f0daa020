import { describe, expect, it } from 'vitest';
import { type TestMessage, testMessage } from '../testing/message.ts';
import { builtInLibrary } from './library.ts';
import { TemplateFailure } from './texts.ts';

const GROUP: TestMessage = {
  receiver: 'team x',
  groupLabels: { alertname: 'Down' },
  alerts: [
    {
      labels: { alertname: 'Down', job: 'api', instance: '1' },
      annotations: { summary: 'it is <down>', runbook: 'r' },
      generatorUrl: 'http://p/graph?a=1&b=2',
    },
    {
      labels: { alertname: 'Down', job: 'api', instance: '2' },
      annotations: { summary: 'b', runbook: 'r' },
      isResolved: true,
    },
  ],
};

const shown = (template: string, message: Partial<TestMessage> = {}): string =>
  testMessage({ ...GROUP, ...message }).texts.exact('text', template);
const html = (template: string, message: Partial<TestMessage> = {}): string =>
  testMessage({ ...GROUP, ...message }).texts.html('text', template, 'failed');

describe('what a template sees', () => {
  it.each([
    ['plain }} text', 'plain }} text'],
    ['{{ .Status }} {{ .Receiver }} {{ .ExternalURL }}', 'firing team x http://pharos.example'],
    ['{{ .Alerts | len }} {{ len .Alerts.Firing }} {{ .Alerts.Resolved | len }}', '2 1 1'],
    ['{{ .GroupLabels.alertname }}|{{ .CommonLabels.job }}|{{ .CommonLabels.instance }}|', 'Down|api||'],
    ['{{ .CommonAnnotations.runbook }}', 'r'],
    ['{{ range .Alerts }}{{ .Labels.instance }}:{{ .Annotations.summary }} {{ end }}', '1:it is <down> 2:b '],
    ['{{ range .CommonLabels.SortedPairs }}{{ .Name }}={{ .Value }};{{ end }}', 'alertname=Down;job=api;'],
    [
      '{{ .CommonLabels.SortedPairs.Names | join "+" }} {{ .CommonLabels.Names }}',
      'alertname+job [alertname job]',
    ],
    ['{{ with .CommonLabels.Remove .GroupLabels.Names }}{{ .Values | join "," }}{{ end }}', 'api'],
    ['{{ (index .Alerts 0).Labels.instance }} {{ index .CommonLabels "job" }}', '1 api'],
    ['{{ (index .Alerts 0).StartsAt }}', '2026-01-01 00:00:00 +0000 UTC'],
    ['{{ (index .Alerts 0).EndsAt.IsZero }} {{ (index .Alerts 1).EndsAt.Unix }}', 'true 1767225660'],
    ['{{ range .Alerts.Resolved }}{{ .EndsAt.Sub .StartsAt }}{{ end }}', '1m0s'],
    ['{{ .GroupLabels }} {{ .GroupLabels.String }}', 'map[alertname:Down] alertname=Down'],
    ['{{ if eq .Status "firing" }}a{{ else }}b{{ end }}', 'a'],
    ['{{ .FiringCount }} {{ .ResolvedCount }} {{ .TruncatedAlerts }}', '1 1 0'],
  ])('%s', (template, expected) => {
    expect(shown(template)).toBe(expected);
  });
});

describe('functions', () => {
  it.each([
    ['{{ toUpper "aß" }} {{ "Ab" | toLower }} {{ trimSpace " x\\n" }}.', 'ASS ab x.'],
    ['{{ title "high-error RATE of it\'s" }}', "High-Error Rate Of It's"],
    ['{{ join ", " (stringSlice "a" "b") }} {{ stringSlice "a" | len }}', 'a, b 1'],
    ['{{ match "^a+$" "aaa" }} {{ match "b" "aaa" }}', 'true false'],
    ['{{ reReplaceAll "(a)(b)" "${2}$1" "abab" }}', 'baba'],
    ['{{ urlUnescape "a%20b+c" }}', 'a b c'],
    ['{{ (index .Alerts 0).StartsAt | date "2006-01-02" }}', '2026-01-01'],
    ['{{ (index .Alerts 0).StartsAt | tz "Europe/Paris" | date "15:04 MST" }}', '01:00 GMT+1'],
    ['{{ since (index .Alerts 0).StartsAt }}', '0s'],
    ['{{ humanizeDuration 3661 }} {{ humanizeDuration "0.5" }}', '1h 1m 1s 500ms'],
    ['{{ safeHtml "<b>" }}{{ safeUrl "x:y" }}', '<b>x:y'],
    ['{{ toJson .GroupLabels }} {{ toJson "a<b" }}', '{"alertname":"Down"} "a\\u003cb"'],
    [
      '{{ toJson (index .Alerts.Resolved 0) }}',
      '{"status":"resolved","labels":{"alertname":"Down","instance":"2","job":"api"},"annotations":{"runbook":"r","summary":"b"},"startsAt":"2026-01-01T00:00:00Z","endsAt":"2026-01-01T00:01:00Z","generatorURL":"","fingerprint":"FP"}',
    ],
    ['{{ toJson .GroupLabels.SortedPairs }}', '[{"Name":"alertname","Value":"Down"}]'],
    ['{{ urlquery "a b&" }} {{ printf "%d%%" 5 }}', 'a+b%26 5%'],
  ])('%s', (template, expected) => {
    expect(shown(template).replace(/"fingerprint":"[0-9a-f]{16}"/, '"fingerprint":"FP"')).toBe(expected);
  });

  it.each([
    ['{{ tz "Nowhere/At" (index .Alerts 0).StartsAt }}', 'unknown time zone Nowhere/At'],
    ['{{ join "," "a" }}', 'expected a list of texts'],
    ['{{ urlUnescape "%zz" }}', 'invalid URL escape in "%zz"'],
    ['{{ .Nope }}', "can't evaluate field Nope in type *template.Data"],
    ['{{ (index .Alerts 0).Nope }}', "can't evaluate field Nope in type template.Alert"],
    ['{{ nope }}', 'function "nope" not defined'],
    ['{{ fromJson "1" }}', 'function "fromJson" not defined'],
  ])('%s fails', (template, reason) => {
    expect(() => shown(template)).toThrow(reason);
  });
});

describe('named templates', () => {
  it('has the title of Alertmanager', () => {
    const title = (message: Partial<TestMessage>): string => shown('{{ template "__subject" . }}', message);
    expect(title({})).toBe('[FIRING:1] Down (api)');
    expect(title({ groupLabels: {} })).toBe('[FIRING:1] (Down api)');
    expect(title({ alerts: GROUP.alerts.slice(1) })).toBe('[RESOLVED] Down (2 api)');
    expect(title({ alerts: [{ labels: { alertname: 'Down' } }] })).toBe('[FIRING:1] Down');
  });

  it('tells of alerts in words', () => {
    expect(shown('{{ template "__text_both" . }}')).toBe(
      `Firing:
Down: instance=1, job=api
  runbook: r
  summary: it is <down>
  since 2026-01-01 00:00:00 UTC
  http://p/graph?a=1&b=2
Resolved:
Down: instance=2, job=api
  runbook: r
  summary: b
  2026-01-01 00:00:00 to 2026-01-01 00:01:00 UTC
`,
    );
  });

  it('fill every kind, with many alerts too', () => {
    const alerts = Array.from({ length: 31 }, (_, i) => ({ labels: { alertname: 'A', i: String(i) } }));
    for (const name of builtInLibrary()
      .names()
      .filter((one) => one.includes('.default.'))) {
      const of = name === 'pagerduty.default.instances' ? '.Alerts.Firing' : '.';
      expect(() => shown(`{{ template "${name}" ${of} }}`, { alerts })).not.toThrow();
    }
    expect(shown('{{ template "pagerduty.default.instances" .Alerts.Firing }}', { alerts })).toMatch(
      /A: i=29\n.*\n30 of 31 alerts are shown\.\n$/,
    );
  });

  it('come from files, too, which may define them anew', () => {
    const templates = [
      { name: 'a.tmpl', text: '{{ define "own" }}own {{ .Status }}{{ end }}' },
      { name: 'b.tmpl', text: '{{ define "slack.default.title" }}{{ template "own" . }}!{{ end }}' },
    ];
    expect(shown('{{ template "slack.default.title" . }}', { templates })).toBe('own firing!');
    expect(shown('{{ template "slack.default.title" . }}')).toBe('[FIRING:1] Down (api)');
  });
});

describe('HTML', () => {
  it('cannot be left by what is shown', () => {
    expect(html('<p title="{{ .CommonLabels.job }}">{{ (index .Alerts 0).Annotations.summary }}</p>')).toBe(
      '<p title="api">it is &lt;down&gt;</p>',
    );
    expect(html('{{ "<i>" | safeHtml }}{{ "\\"\'`&" }}')).toBe('<i>&#34;&#39;&#96;&amp;');
  });

  it.each([
    ['<a href="{{ "javascript:x()" }}">', '<a href="#ZgotmplZ">'],
    ['<a href=\'{{ " JavaScript:x()" }}\'>', "<a href='#ZgotmplZ'>"],
    ['<a href={{ "data:text/html,x" }}>', '<a href=#ZgotmplZ>'],
    ['<a href="{{ "javascript:x()" | safeUrl }}">', '<a href="javascript:x()">'],
    ['<a href="{{ "https://a/?b&c" }}">', '<a href="https://a/?b&amp;c">'],
    ['<a href="{{ "/a:b" }}{{ "c:d" }}">', '<a href="/a:bc:d">'],
    ['<a href="http://h/{{ "javascript:x" }}">', '<a href="http://h/javascript:x">'],
    ['<a title="{{ "javascript:x" }}">{{ "a:b" }}', '<a title="javascript:x">a:b'],
  ])('%s', (template, expected) => {
    expect(html(template)).toBe(expected);
  });

  it('is a whole page in a mail', () => {
    const page = html('{{ template "email.default.html" . }}');
    expect(page).toMatch(/^<!DOCTYPE html>\n<html lang="en">[^]*<\/html>\n$/);
    expect(page).toContain('1 firing, 1 resolved');
    expect(page).toContain('it is &lt;down&gt;');
    expect(page).toContain('<a href="http://p/graph?a=1&amp;b=2"');
    expect(page).not.toContain('<down>');
  });
});

describe('what goes wrong', () => {
  const many = { alerts: Array.from({ length: 3000 }, (_, i) => ({ labels: { i: String(i) } })) };
  const notesOf = (template: string, message: Partial<TestMessage> = {}): readonly string[] => {
    const { texts } = testMessage({ ...GROUP, ...message });
    return [texts.shown('title', template, '{{ template "__subject" . }}'), ...texts.notes];
  };

  it('ends in what Pharos would say', () => {
    expect(notesOf('{{ .Nope }}')).toEqual([
      '[FIRING:1] Down (api)',
      'title is Pharos\' own: template: :1:3: executing "" at <.Nope>: can\'t evaluate field Nope in type *template.Data',
    ]);
    expect(notesOf('{{ if }}')[0]).toBe('[FIRING:1] Down (api)');
  });

  it.each([
    ['a loop', '{{ range 1000000000 }}{{ end }}', 'exceeded 50000 steps'],
    ['a text that grows', '{{ range 10000 }}{{ printf "%1000d" 1 }}{{ end }}', 'exceeded 1048576 characters'],
    [
      'one that calls itself',
      '{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}',
      'maximum template depth',
    ],
    [
      'one that doubles',
      '{{ $x := "0123456789" }}{{ range 100 }}{{ $x = printf "%s%s" $x $x }}{{ end }}',
      'exceeded 1048576 characters',
    ],
  ])('bounds %s', (_name, template, reason) => {
    const [text, note] = notesOf(template);
    expect(text).toBe('[FIRING:1] Down (api)');
    expect(note).toContain(reason);
  });

  it('is tried again with few alerts', () => {
    const [text, note] = notesOf('{{ range .Alerts }}{{ range 30 }}x{{ end }}{{ end }}', many);
    expect(text).toHaveLength(50 * 30);
    expect(note).toBe('title tells of the first 50 alerts only: template: : template exceeded 50000 steps');
  });

  it('sees so many alerts, and counts all', () => {
    expect(
      shown('{{ len .Alerts }} {{ .FiringCount }} {{ .TruncatedAlerts }} {{ template "__subject" . }}', many),
    ).toBe('2000 3000 1000 [FIRING:3000] Down');
  });

  it('is a refusal where a text must be right', () => {
    expect(() => testMessage(GROUP).texts.exact('channel', '{{ .Nope }}')).toThrow(TemplateFailure);
  });

  it('is said of files', () => {
    const compiled = builtInLibrary().withFiles([
      { name: 'good.tmpl', text: '{{ define "a" }}{{ end }}' },
      { name: 'bad.tmpl', text: 'x\n{{ define "b" }}' },
    ]);
    expect(compiled).toEqual({
      ok: false,
      problems: [{ file: 1, message: 'template: bad.tmpl:2: unexpected EOF' }],
    });
  });
});
