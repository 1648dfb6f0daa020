import { createHmac } from 'node:crypto';
import type { SentEntry } from '../config/receivers/sent-kinds.ts';
import { refusedForGood } from '../outbox/send-result.ts';
import { webhookBody } from '../templates/webhook-body.ts';
import { postJson } from './http.ts';
import type { Notifier } from './notifier.ts';

type WebhookEntry = Extract<SentEntry, { readonly kind: 'webhook' }>;

/** Alertmanager's body, posted. Headers say which delivery it is, whether it may have come before, and, with a secret, that it is ours. */
export const webhook: Notifier<WebhookEntry> = async ({ http, settings }, message, deps) => {
  if (settings.url.value?.includes('{{') === true)
    return refusedForGood('its address is a template, which Pharos does not fill');
  const now = deps.clock.now();
  const body = `${JSON.stringify(webhookBody(message.notification, message.groupKey, settings.maxAlerts))}\n`;
  const { signingSecret } = settings;
  return await postJson(
    http,
    {
      url: settings.url,
      body,
      headers: {
        'x-pharos-delivery': message.id,
        ...(message.mayBeDuplicate && { 'x-pharos-possible-duplicate': 'true' }),
        ...(signingSecret !== undefined && {
          'x-pharos-signature': signatureOf(signingSecret, Math.floor(now / 1000), body),
        }),
      },
      timeoutMs: settings.timeoutMs,
    },
    { now, door: deps.http },
  );
};

/** `t=<epoch seconds>,v1=<hex>`: HMAC-SHA-256 of `<t>.<body>`, as webhooks of events have it. */
function signatureOf(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}
