import { secretTemplateUrl } from '../addresses.ts';
import { atMostOne, filePath, given, goDuration, integer, secret } from '../yaml/decode.ts';
import { type Entry, overHttp, receiverKind, type SecretSource } from './kind.ts';

export interface WebhookSettings {
  readonly url: SecretSource;
  /** Alerts of one message; the rest is counted in `truncatedAlerts`. 0 is no limit. */
  readonly maxAlerts: number;
  /** 0 leaves it to the time that a notification has. */
  readonly timeoutMs: number;
  /** Signs each message, so that the receiver knows it is ours (Pharos' own; Alertmanager has no such thing). */
  readonly signingSecret: string | undefined;
}

const fields = {
  ...overHttp,
  url: secretTemplateUrl,
  url_file: filePath,
  max_alerts: integer,
  timeout: goDuration,
  signing_secret: secret,
} as const;

/** `webhook_configs`: Alertmanager's own body, posted anywhere. */
export const webhook = receiverKind(fields, (written, global): Entry<'webhook', WebhookSettings> => {
  const { place } = written;
  if (!given(written.url) && !given(written.url_file))
    place.refuse('one of url or url_file must be configured');
  atMostOne(place, { url: written.url, url_file: written.url_file });
  if ((written.max_alerts ?? 0) < 0) place.at('max_alerts').refuse('max_alerts must not be negative');
  if ((written.timeout ?? 0) < 0) place.at('timeout').refuse('timeout must not be negative');
  return {
    kind: 'webhook',
    sendResolved: written.send_resolved ?? true,
    http: written.http_config ?? global.http_config,
    settings: {
      url: { value: written.url, file: written.url_file },
      maxAlerts: written.max_alerts ?? 0,
      timeoutMs: written.timeout ?? 0,
      signingSecret: written.signing_secret,
    },
  };
});
