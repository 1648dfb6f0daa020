/*
 * The mail that Pharos sends where nobody wrote another. Mail programs know little: tables, styles in each element, no pictures, no
 * scripts; colours that can be read on light and on dark.
 */

const FONT = 'font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif';

export const EMAIL_TEMPLATES = `
{{ define "__email_row" }}<tr><td style="padding:2px 12px 2px 0;color:#5c6570;vertical-align:top;white-space:nowrap">{{ .Name }}</td><td style="padding:2px 0;word-break:break-word">{{ .Value }}</td></tr>
{{ end }}
{{ define "__email_alert" }}<div style="border:1px solid #d5dae0;border-left:4px solid {{ if eq .Status "firing" }}#c92a2a{{ else }}#2b8a3e{{ end }};border-radius:4px;padding:12px 16px;margin:0 0 12px">
<div style="font-size:16px;font-weight:600;margin:0 0 4px">{{ template "__alert_name" . }}</div>
<div style="color:#5c6570;margin:0 0 8px">{{ if eq .Status "firing" }}Firing{{ else }}Resolved{{ end }}, {{ template "__alert_when" . }}</div>
<table role="presentation" cellpadding="0" cellspacing="0" style="border-collapse:collapse;font-size:14px">
{{ range .Annotations.SortedPairs }}{{ template "__email_row" . }}{{ end -}}
{{ range (.Labels.Remove (stringSlice "alertname")).SortedPairs }}{{ template "__email_row" . }}{{ end -}}
</table>
{{ if match "^https?://" .Annotations.runbook_url }}<a href="{{ .Annotations.runbook_url }}" style="color:#1864ab;margin-right:16px">Runbook</a>{{ end }}
{{ if match "^https?://" .GeneratorURL }}<a href="{{ .GeneratorURL }}" style="color:#1864ab">Source</a>{{ end }}
</div>
{{ end }}
{{ define "__email_list" }}{{ range $i, $alert := . }}{{ if lt $i 30 }}{{ template "__email_alert" $alert }}{{ end }}{{ end -}}
{{ with . }}{{ if gt (len .) 30 }}<p>30 of {{ len . }} alerts are shown.</p>{{ end }}{{ end }}{{ end }}

{{ define "email.default.html" }}<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>{{ template "__subject" . }}</title></head>
<body style="margin:0;padding:0">
<div style="max-width:640px;margin:0 auto;padding:16px;${FONT};font-size:14px;line-height:1.45">
<div style="background:{{ if eq .Status "firing" }}#c92a2a{{ else }}#2b8a3e{{ end }};color:#ffffff;border-radius:4px;padding:12px 16px;margin:0 0 16px">
<div style="font-size:18px;font-weight:600">{{ if eq .Status "firing" }}{{ .FiringCount }} firing{{ if gt .ResolvedCount 0 }}, {{ .ResolvedCount }} resolved{{ end }}{{ else }}{{ .ResolvedCount }} resolved{{ end }}</div>
{{ with .GroupLabels.String }}<div>{{ . }}</div>{{ end }}
</div>
{{ template "__email_list" .Alerts.Firing }}{{ template "__email_list" .Alerts.Resolved }}
{{ with .TruncatedAlerts }}<p>{{ . }} more alerts are not in this mail.</p>{{ end }}
<p style="color:#5c6570">Sent by <a href="{{ .ExternalURL }}" style="color:#1864ab">{{ template "__alertmanager" . }}</a> to {{ .Receiver }}.
<a href="{{ template "__alertmanagerURL" . }}" style="color:#1864ab">Show these alerts</a></p>
</div>
</body>
</html>
{{ end }}
{{ define "email.default.text" }}{{ template "__subject" . }}

{{ template "__text_both" . }}{{ template "__alertmanagerURL" . }}
{{ end }}
`;
