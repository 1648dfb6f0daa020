import { secretUrl } from '../addresses.ts';
import { atMostOne, filePath, given, type Struct, text } from '../yaml/decode.ts';
import { type Entry, overHttp, receiverKind, type SecretSource } from './kind.ts';

export interface MsTeamsSettings {
  readonly webhookUrl: SecretSource;
  readonly title: string;
  readonly text: string;
}

/** Teams' older connectors have a summary, too. */
export interface MsTeamsV1Settings extends MsTeamsSettings {
  readonly summary: string;
}

const fieldsV2 = {
  ...overHttp,
  webhook_url: secretUrl,
  webhook_url_file: filePath,
  title: text,
  text,
} as const;
const fieldsV1 = { ...fieldsV2, summary: text } as const;

/** `msteamsv2_configs`: workflows. */
export const msteamsv2 = receiverKind(
  fieldsV2,
  (written, global): Entry<'msteamsv2', MsTeamsSettings> => ({
    kind: 'msteamsv2',
    sendResolved: written.send_resolved ?? true,
    http: written.http_config ?? global.http_config,
    settings: {
      webhookUrl: hookOf(written),
      title: written.title ?? '{{ template "msteamsv2.default.title" . }}',
      text: written.text ?? '{{ template "msteamsv2.default.text" . }}',
    },
  }),
);

/** `msteams_configs`: connectors. */
export const msteams = receiverKind(
  fieldsV1,
  (written, global): Entry<'msteams', MsTeamsV1Settings> => ({
    kind: 'msteams',
    sendResolved: written.send_resolved ?? true,
    http: written.http_config ?? global.http_config,
    settings: {
      webhookUrl: hookOf(written),
      title: written.title ?? '{{ template "msteams.default.title" . }}',
      summary: written.summary ?? '{{ template "msteams.default.summary" . }}',
      text: written.text ?? '{{ template "msteams.default.text" . }}',
    },
  }),
);

function hookOf({
  place,
  webhook_url: value,
  webhook_url_file: file,
}: Pick<Struct<typeof fieldsV2>, 'place' | 'webhook_url' | 'webhook_url_file'>): SecretSource {
  if (!given(value) && !given(file))
    place.refuse('one of webhook_url or webhook_url_file must be configured');
  atMostOne(place, { webhook_url: value, webhook_url_file: file });
  return { value, file };
}
