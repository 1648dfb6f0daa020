/** Texts that say what a template makes of the data, each on a line of its own. */
const PROBES = [
  '{{ .Status }} {{ .Receiver }} {{ .ExternalURL }}',
  '{{ .GroupLabels }} {{ .CommonLabels }} {{ .CommonAnnotations }}',
  '{{ .GroupLabels.SortedPairs }} {{ .CommonLabels.SortedPairs.Names }} {{ .CommonLabels.SortedPairs.Values | join "," }}',
  '{{ range .Alerts }}{{ .Status }}:{{ .Labels.instance }}:{{ .Annotations.summary }}:{{ .Labels.none }}; {{ end }}',
  '{{ range $i, $a := .Alerts }}{{ $i }}={{ $a.Fingerprint }} {{ end }}{{ len .Alerts }}',
  '{{ .Alerts.Firing | len }} {{ .Alerts.Resolved | len }}',
  '{{ range .Alerts.Firing }}{{ .StartsAt }} {{ .StartsAt.Unix }} {{ .EndsAt.IsZero }} {{ .GeneratorURL }} {{ end }}',
  '{{ range .Alerts }}{{ range .Labels.Remove (stringSlice "job" "alertname") }}{{ . }} {{ end }}{{ end }}',
  '{{ with .CommonLabels.Remove .GroupLabels.Names }}{{ .Values | join " " }}{{ end }}',
  '{{ toUpper "aé" }} {{ toLower "AÉ" }} {{ title "down AND out of_it high-error" }}',
  '{{ reReplaceAll "(a)(b+)" "<$2$1>" "xabbab" }} {{ match "^[a-z]+$" "abc" }} {{ join "-" (stringSlice "a" "b") }}',
  '{{ if and (eq .Status "firing") (gt (len .Alerts) 1) }}many{{ else }}few{{ end }} {{ printf "%q %05d %.2f %v" "a\\"b" 42 1.5 true }}',
  '{{ index .CommonLabels "job" }} {{ (index .Alerts 0).Labels.instance }} {{ "a&b" | urlquery }} {{ "<b>" | html }} {{ "<b>" | safeHtml }}',
  '{{ template "own.line" . }} {{ template "slack.default.title" . }} {{ template "__subject" . }}',
  '{{- /* nothing */ -}} {{ $x := "1" }}{{ range .Alerts }}{{ $x = printf "%s%s" $x .Labels.instance }}{{ end }}{{ $x }} {{ "q" | js }}',
] as const;

export const TEMPLATE_FILE = `{{ define "own.line" }}own {{ .Status | toUpper }}{{ range .Alerts }} {{ .Labels.instance }}{{ end }}{{ end }}
{{ define "discord.default.message" }}redefined {{ .Alerts | len }}{{ end }}`;

/** Every kind that Debian's Alertmanager sends and Pharos too: with defaults, and with all that a file may write. HOOK and SMTP are places. */
export function notifierConfig(folder: string): string {
  const text = PROBES.map((probe) => `          ${probe}`).join('\n');
  return `
global:
  slack_api_url: HOOK/slack/defaults
  pagerduty_url: HOOK/pagerduty
  opsgenie_api_url: HOOK/opsgenie/
  opsgenie_api_key: k3y
  telegram_api_url: HOOK/telegram
  smtp_smarthost: SMTP
  smtp_from: 'Alerts <am@example.org>'
  smtp_require_tls: false
templates: [ '${folder}/*.tmpl' ]
route: { receiver: all, group_by: [alertname], group_wait: 2s, group_interval: 1s, repeat_interval: 1h }
receivers:
  - name: all
    slack_configs:
      - { send_resolved: true }
      - api_url: HOOK/slack/probes
        send_resolved: true
        text: |-
${text}
      - api_url: HOOK/slack/full
        send_resolved: true
        channel: '#{{ .CommonLabels.job }}'
        username: u
        color: '{{ if eq .Status "firing" }}#c00{{ else }}#0c0{{ end }}'
        title: '${'é'.repeat(1500)}'
        title_link: 'http://t/{{ .GroupLabels.alertname }}'
        pretext: p
        text: t
        footer: f
        fallback: b
        callback_id: c
        icon_emoji: ':x:'
        icon_url: 'http://i'
        image_url: 'http://m'
        thumb_url: 'http://h'
        link_names: true
        short_fields: true
        mrkdwn_in: [text]
        fields: [ { title: 't{{ .Status }}', value: '{{ len .Alerts }}' }, { title: t, value: v, short: false } ]
        actions:
          - { type: button, text: go, url: 'http://a/{{ .Status }}', style: primary }
          - { type: button, text: go, name: n, value: v, confirm: { text: sure, title: ct, ok_text: y, dismiss_text: n } }
    pagerduty_configs:
      - { routing_key: r0uting, details: { firing: 'f {{ len .Alerts.Firing }}', resolved: 'r {{ len .Alerts.Resolved }}' } }
      - routing_key: full
        client: c
        client_url: 'http://c'
        description: '${'d'.repeat(1500)}'
        severity: '{{ .CommonLabels.severity }}'
        class: '{{ .CommonLabels.job }}'
        component: co
        group: g
        details: { own: '{{ .CommonAnnotations.runbook }}', firing: '', resolved: '' }
        images: [ { src: 'http://i', alt: a, href: 'http://h' } ]
        links: [ { href: 'http://l/{{ .Status }}', text: t } ]
    opsgenie_configs:
      - { description: d }
      - api_key: other
        message: '${'m'.repeat(300)}'
        description: '{{ .Status }}'
        source: s
        note: n
        priority: P2
        entity: e
        tags: 'a,{{ .CommonLabels.job }}'
        actions: x
        update_alerts: true
        details: { job: own, more: '{{ .Status }}' }
        responders: [ { name: 'one,two', type: teams }, { username: u@example.org, type: user }, { id: '42', type: escalation } ]
    discord_configs:
      - { webhook_url: HOOK/discord/defaults }
      - { webhook_url: HOOK/discord/full, title: '${'t'.repeat(200)}', message: '${'x'.repeat(1900)}{{ .Status }}' }
    telegram_configs:
      - { bot_token: t0ken, chat_id: -42, message: '<b>{{ .Status }}</b> {{ .CommonAnnotations.runbook }}' }
      - { bot_token: t0ken, chat_id: 7, message: '*{{ .Status }}*', parse_mode: MarkdownV2, disable_notifications: true }
    email_configs:
      - to: 'team@example.org, {{ .CommonLabels.job }}@example.org'
        send_resolved: true
        headers: { X-Team: '{{ .Receiver }}', Reply-To: r@example.org }
        text: 'plain {{ template "own.line" . }}'
        html: >-
          <p title="{{ .CommonAnnotations.runbook }}">{{ .CommonAnnotations.runbook }}</p>
          <a href="{{ .CommonAnnotations.runbook }}">{{ "<i>" | safeHtml }}</a> <a href="{{ .ExternalURL }}/x?a=b&amp;c=d">l</a>
`;
}
