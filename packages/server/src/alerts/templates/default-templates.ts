import { EMAIL_TEMPLATES } from './default-email.ts';

/*
 * The named templates that come with Pharos. Their names are Alertmanager's: users' files name them, or define them anew. Those of kinds
 * that Pharos does not send to are there for the same reason.
 */

/** What everything else is made of. Titles look as Alertmanager's do: people filter their mail by them. */
const PARTS = `
{{ define "__alertmanager" }}Pharos{{ end }}
{{ define "__alertmanagerURL" }}{{ .ExternalURL }}/alerts?receiver={{ urlquery .Receiver }}{{ end }}

{{ define "__subject" }}
  {{- $shared := (.CommonLabels.Remove .GroupLabels.Names).Values }}
  {{- printf "[%s" (toUpper .Status) }}{{ if eq .Status "firing" }}:{{ .FiringCount }}{{ end }}]
  {{- with .GroupLabels.Values }} {{ join " " . }}{{ end }}
  {{- with $shared }} ({{ join " " . }}){{ end }}
{{- end }}
{{ define "__description" }}{{ end }}

{{ define "__alert_name" }}{{ with .Labels.alertname }}{{ . }}{{ else }}Alert{{ end }}{{ end }}
{{ define "__alert_labels" }}{{ (.Labels.Remove (stringSlice "alertname")).String }}{{ end }}
{{ define "__alert_when" }}
  {{- if eq .Status "firing" }}since {{ date "2006-01-02 15:04:05 MST" .StartsAt }}
  {{- else }}{{ date "2006-01-02 15:04:05" .StartsAt }} to {{ date "2006-01-02 15:04:05 MST" .EndsAt }}{{ end }}
{{- end }}
{{ define "__more_alerts" }}{{ if gt (len .) 30 }}30 of {{ len . }} alerts are shown.
{{ end }}{{ end }}

{{ define "__text_alert" }}
  {{- template "__alert_name" . }}{{ with (.Labels.Remove (stringSlice "alertname")).String }}: {{ . }}{{ end }}
{{ range .Annotations.SortedPairs }}  {{ .Name }}: {{ .Value }}
{{ end }}  {{ template "__alert_when" . }}
{{ with .GeneratorURL }}  {{ . }}
{{ end }}{{ end }}
{{ define "__text_alert_list" }}
  {{- range $i, $alert := . }}{{ if lt $i 30 }}{{ template "__text_alert" $alert }}{{ end }}{{ end }}
  {{- template "__more_alerts" . }}
{{- end }}

{{ define "__markdown_alert" }}
  {{- printf "**%s**" (or .Labels.alertname "Alert") }}{{ with (.Labels.Remove (stringSlice "alertname")).String }} {{ . }}{{ end }}

{{ range .Annotations.SortedPairs }}- {{ .Name }}: {{ .Value }}
{{ end }}- {{ template "__alert_when" . }}
{{ with .GeneratorURL }}- [Source]({{ . }})
{{ end }}
{{ end }}
{{ define "__text_alert_list_markdown" }}
  {{- range $i, $alert := . }}{{ if lt $i 30 }}{{ template "__markdown_alert" $alert }}{{ end }}{{ end }}
  {{- template "__more_alerts" . }}
{{- end }}

{{ define "__text_both" }}
  {{- with .Alerts.Firing }}Firing:
{{ template "__text_alert_list" . }}{{ end }}
  {{- with .Alerts.Resolved }}Resolved:
{{ template "__text_alert_list" . }}{{ end }}
{{- end }}
{{ define "__markdown_both" }}
  {{- with .Alerts.Firing }}# Firing

{{ template "__text_alert_list_markdown" . }}{{ end }}
  {{- with .Alerts.Resolved }}# Resolved

{{ template "__text_alert_list_markdown" . }}{{ end }}
{{- end }}
`;

const SUBJECT = '{{ template "__subject" . }}';
const LINK = '{{ template "__alertmanagerURL" . }}';
const PRODUCT = '{{ template "__alertmanager" . }}';
const TEXT = '{{ template "__text_both" . }}';
const MARKDOWN = '{{ template "__markdown_both" . }}';

/** Templates that are one of the parts, or empty. */
const NAMED: Readonly<Record<string, string>> = {
  'slack.default.title': SUBJECT,
  'slack.default.username': PRODUCT,
  'slack.default.fallback': `${SUBJECT} | ${LINK}`,
  'slack.default.callbackid': '',
  'slack.default.pretext': '',
  'slack.default.titlelink': LINK,
  'slack.default.iconemoji': '',
  'slack.default.iconurl': '',
  'slack.default.text': '',
  'slack.default.footer': '',
  'rocketchat.default.title': SUBJECT,
  'rocketchat.default.alias': PRODUCT,
  'rocketchat.default.titlelink': LINK,
  'rocketchat.default.emoji': '',
  'rocketchat.default.iconurl': '',
  'rocketchat.default.text': '',
  'mattermost.default.username': PRODUCT,
  'mattermost.default.iconurl': '',
  'mattermost.default.iconemoji': '',
  'mattermost.default.text': SUBJECT,
  'pagerduty.default.description': SUBJECT,
  'pagerduty.default.client': PRODUCT,
  'pagerduty.default.clientURL': LINK,
  'pagerduty.default.instances': '{{ template "__text_alert_list" . }}',
  'opsgenie.default.message': SUBJECT,
  'opsgenie.default.description': `${TEXT}${LINK}`,
  'opsgenie.default.source': LINK,
  'wechat.default.message': `${SUBJECT}\n${TEXT}${LINK}`,
  'wechat.default.to_user': '',
  'wechat.default.to_party': '',
  'wechat.default.to_tag': '',
  'wechat.default.agent_id': '',
  'victorops.default.state_message': `${TEXT}${LINK}`,
  'victorops.default.entity_display_name': SUBJECT,
  'victorops.default.monitoring_tool': PRODUCT,
  'pushover.default.title': SUBJECT,
  'pushover.default.message': TEXT,
  'pushover.default.url': LINK,
  'sns.default.subject': SUBJECT,
  'sns.default.message': TEXT,
  'discord.default.title': SUBJECT,
  'discord.default.message': TEXT,
  'discord.default.content': '',
  'webex.default.message': TEXT,
  'msteams.default.summary': SUBJECT,
  'msteams.default.title': SUBJECT,
  'msteams.default.text': MARKDOWN,
  'msteamsv2.default.title': SUBJECT,
  'msteamsv2.default.text': MARKDOWN,
  'jira.default.summary': SUBJECT,
  'jira.default.description': TEXT,
  'jira.default.priority':
    '{{ with .CommonLabels.severity }}{{ if eq . "critical" }}High{{ else if eq . "warning" }}Medium{{ else }}Low{{ end }}{{ end }}',
  'email.default.subject': SUBJECT,
};

/** Read as HTML: Telegram knows a few of its elements. */
const TELEGRAM = `
{{ define "telegram.default.message" }}<b>{{ template "__subject" . }}</b>

{{ template "__text_both" . }}{{ template "__alertmanagerURL" . }}{{ end }}
`;

/** One text that defines all of them. */
export const DEFAULT_TEMPLATES: string = [
  PARTS,
  ...Object.entries(NAMED).map(([name, body]) => `{{ define "${name}" }}${body}{{ end }}`),
  TELEGRAM,
  EMAIL_TEMPLATES,
].join('\n');
