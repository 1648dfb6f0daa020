import { url } from '../addresses.ts';
import {
  atMostOne,
  filePath,
  given,
  goDuration,
  listOf,
  mapOf,
  secret,
  struct,
  text,
} from '../yaml/decode.ts';
import { type Entry, overHttp, receiverKind, type SecretSource } from './kind.ts';

const image = struct({ src: text, alt: text, href: text });
const link = struct({ href: text, text });

/** Texts that are templates. */
interface PagerDutyTexts {
  readonly client: string;
  readonly clientUrl: string;
  readonly description: string;
  readonly source: string;
  readonly severity: string;
  readonly className: string;
  readonly component: string;
  readonly group: string;
}

export interface PagerDutySettings {
  readonly url: string;
  /** The key of Events v2. */
  readonly routingKey: SecretSource;
  /** The key of Events v1, which PagerDuty still takes. */
  readonly serviceKey: SecretSource;
  readonly texts: PagerDutyTexts;
  readonly details: ReadonlyMap<string, string>;
  readonly images: readonly NonNullable<ReturnType<typeof image>>[];
  readonly links: readonly NonNullable<ReturnType<typeof link>>[];
  readonly timeoutMs: number;
}

const DETAILS: ReadonlyMap<string, string> = new Map([
  ['firing', '{{ template "pagerduty.default.instances" .Alerts.Firing }}'],
  ['resolved', '{{ template "pagerduty.default.instances" .Alerts.Resolved }}'],
  ['num_firing', '{{ .Alerts.Firing | len }}'],
  ['num_resolved', '{{ .Alerts.Resolved | len }}'],
]);
const CLIENT = '{{ template "pagerduty.default.client" . }}';
const EVENTS_V2 = 'https://events.pagerduty.com/v2/enqueue';

const fields = {
  ...overHttp,
  service_key: secret,
  service_key_file: filePath,
  routing_key: secret,
  routing_key_file: filePath,
  url,
  client: text,
  client_url: text,
  description: text,
  details: mapOf(text),
  images: listOf(image),
  links: listOf(link),
  source: text,
  severity: text,
  class: text,
  component: text,
  group: text,
  timeout: goDuration,
} as const;

/** `pagerduty_configs` */
export const pagerduty = receiverKind(fields, (written, global): Entry<'pagerduty', PagerDutySettings> => {
  const { place } = written;
  const keys = [written.routing_key, written.service_key, written.routing_key_file, written.service_key_file];
  if (!keys.some(given)) place.refuse('missing service or routing key in PagerDuty config');
  atMostOne(place, { routing_key: written.routing_key, routing_key_file: written.routing_key_file });
  atMostOne(place, { service_key: written.service_key, service_key_file: written.service_key_file });
  const client = written.client ?? CLIENT;
  return {
    kind: 'pagerduty',
    sendResolved: written.send_resolved ?? true,
    http: written.http_config ?? global.http_config,
    settings: {
      url: written.url ?? global.pagerduty_url ?? EVENTS_V2,
      routingKey: { value: written.routing_key, file: written.routing_key_file },
      serviceKey: { value: written.service_key, file: written.service_key_file },
      texts: {
        client,
        clientUrl: written.client_url ?? '{{ template "pagerduty.default.clientURL" . }}',
        description: written.description ?? '{{ template "pagerduty.default.description" .}}',
        source: given(written.source) ? written.source : client,
        severity: written.severity ?? '',
        className: written.class ?? '',
        component: written.component ?? '',
        group: written.group ?? '',
      },
      details: new Map([...DETAILS, ...(written.details ?? [])]),
      images: written.images ?? [],
      links: written.links ?? [],
      timeoutMs: written.timeout ?? 0,
    },
  };
});
