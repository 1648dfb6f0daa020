import { type KV, type Notification, templateData } from './data.ts';
import { goTime } from './go-time.ts';

/** Alertmanager's body of a webhook, version 4. */
export interface WebhookBody {
  readonly receiver: string;
  readonly status: string;
  readonly alerts: readonly WebhookAlert[];
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly commonLabels: Readonly<Record<string, string>>;
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly externalURL: string;
  readonly version: '4';
  readonly groupKey: string;
  readonly truncatedAlerts: number;
}

interface WebhookAlert {
  readonly status: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
}

/** `maxAlerts` of 0 is no limit. What is left out is as if it was not there, also in what alerts have in common. */
export function webhookBody(notification: Notification, groupKey: string, maxAlerts: number): WebhookBody {
  const all = notification.alerts;
  const some = maxAlerts > 0 ? all.slice(0, maxAlerts) : all;
  const data = templateData({ ...notification, alerts: some });
  return {
    receiver: data.Receiver,
    status: data.Status,
    alerts: data.Alerts.all.map((alert) => ({
      status: alert.Status,
      labels: record(alert.Labels),
      annotations: record(alert.Annotations),
      startsAt: goTime(alert.StartsAt),
      endsAt: goTime(alert.EndsAt),
      generatorURL: alert.GeneratorURL,
      fingerprint: alert.Fingerprint,
    })),
    groupLabels: record(data.GroupLabels),
    commonLabels: record(data.CommonLabels),
    commonAnnotations: record(data.CommonAnnotations),
    externalURL: data.ExternalURL,
    version: '4',
    groupKey,
    truncatedAlerts: all.length - some.length,
  };
}

/** `fromEntries` defines names, so that `__proto__` is one like any other. */
function record({ entries }: KV): Readonly<Record<string, string>> {
  return Object.fromEntries(entries);
}
