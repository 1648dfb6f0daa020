import { url } from '../addresses.ts';
import { atMostOne, filePath, flag, given, listOf, mapOf, secret, struct, text } from '../yaml/decode.ts';
import { type Entry, firstSecret, overHttp, receiverKind, type SecretSource } from './kind.ts';

const responder = struct({ id: text, name: text, username: text, type: text });
type Responder = NonNullable<ReturnType<typeof responder>>;

export interface OpsgenieSettings {
  /** Ends with a slash. */
  readonly url: string;
  readonly apiKey: SecretSource;
  readonly message: string;
  readonly description: string;
  readonly source: string;
  readonly details: ReadonlyMap<string, string>;
  readonly entity: string;
  readonly actions: string;
  readonly tags: string;
  readonly note: string;
  readonly priority: string;
  readonly responders: readonly Responder[];
  readonly updateAlerts: boolean;
}

const RESPONDER_TYPES = /^(team|teams|user|escalation|schedule)$/;

const fields = {
  ...overHttp,
  api_key: secret,
  api_key_file: filePath,
  api_url: url,
  message: text,
  description: text,
  source: text,
  details: mapOf(text),
  entity: text,
  responders: listOf(responder),
  actions: text,
  tags: text,
  note: text,
  priority: text,
  update_alerts: flag,
} as const;

/** `opsgenie_configs` */
export const opsgenie = receiverKind(
  fields,
  (written, global): Entry<'opsgenie', OpsgenieSettings> | undefined => {
    const { place } = written;
    atMostOne(place, { api_key: written.api_key, api_key_file: written.api_key_file });
    for (const one of written.responders ?? []) checkResponder(one);
    const apiKey = firstSecret(
      { value: written.api_key, file: written.api_key_file },
      { value: global.opsgenie_api_key, file: global.opsgenie_api_key_file },
    );
    if (apiKey === undefined)
      return place.refuse('no global OpsGenie API Key set either inline or in a file');
    const address = written.api_url ?? global.opsgenie_api_url ?? 'https://api.opsgenie.com/';
    return {
      kind: 'opsgenie',
      sendResolved: written.send_resolved ?? true,
      http: written.http_config ?? global.http_config,
      settings: {
        url: address.endsWith('/') ? address : `${address}/`,
        apiKey,
        message: written.message ?? '{{ template "opsgenie.default.message" . }}',
        description: written.description ?? '{{ template "opsgenie.default.description" . }}',
        source: written.source ?? '{{ template "opsgenie.default.source" . }}',
        details: written.details ?? new Map(),
        entity: written.entity ?? '',
        actions: written.actions ?? '',
        tags: written.tags ?? '',
        note: written.note ?? '',
        priority: written.priority ?? '',
        responders: written.responders ?? [],
        updateAlerts: written.update_alerts ?? false,
      },
    };
  },
);

function checkResponder({ place, ...one }: Responder): void {
  if (!given(one.id) && !given(one.username) && !given(one.name))
    place.refuse('opsGenieConfig responder has to have at least one of id, username or name specified');
  const type = one.type ?? '';
  if (!type.includes('{{') && !RESPONDER_TYPES.test(type.toLowerCase()))
    place
      .at('type')
      .refuse(
        `opsGenieConfig responder type "${type}" does not match valid options ${RESPONDER_TYPES.source}`,
      );
}
