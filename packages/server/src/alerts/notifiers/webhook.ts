import { createHmac } from 'node:crypto';
import type { SentEntry } from '../config/receivers/sent-kinds.ts';
import { webhookBody } from '../templates/webhook-body.ts';
import { attemptOverHttp, judged } from './http.ts';
import type { Notifier } from './notifier.ts';

/** Alertmanager's body, posted. Headers say which delivery it is, whether it may have come before, and, with a secret, that it is ours. */
export const webhook: Notifier<SentEntry<'webhook'>> = ({ http, settings }, message, deps) =>
  attemptOverHttp(http, deps, async (attempt) => {
    const now = deps.clock.now();
    const url = message.texts.exact('address', await attempt.secret(settings.url));
    attempt.hide(url);
    const body = `${JSON.stringify(webhookBody(message.notification, message.groupKey, settings.maxAlerts))}\n`;
    const { signingSecret } = settings;
    const answer = await attempt.send({
      url,
      body,
      headers: {
        'x-pharos-delivery': message.id,
        ...(message.mayBeDuplicate && { 'x-pharos-possible-duplicate': 'true' }),
        ...(signingSecret !== undefined && {
          'x-pharos-signature': signatureOf(signingSecret, Math.floor(now / 1000), body),
        }),
      },
      timeoutMs: settings.timeoutMs,
    });
    return judged(answer, now);
  });

/** `t=<epoch seconds>,v1=<hex>`: HMAC-SHA-256 of `<t>.<body>`, as webhooks of events have it. */
function signatureOf(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}
