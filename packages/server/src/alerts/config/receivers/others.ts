import { secretUrl, url } from '../addresses.ts';
import type { GlobalSettings } from '../global.ts';
import {
  anything,
  atMostOne,
  type Decoder,
  duration,
  type Fields,
  filePath,
  flag,
  given,
  goDuration,
  integer,
  listOf,
  mapOf,
  type Struct,
  secret,
  struct,
  text,
} from '../yaml/decode.ts';
import type { Place } from '../yaml/place.ts';
import { type Entry, type Finish, overHttp, receiverKind } from './kind.ts';

/** Kinds that Alertmanager sends to and Pharos does not: their files load, and each entry is skipped and says so. */
export type UnsentEntry = Entry<'unsent', { readonly name: string }>;

/** What must be written of one kind; refuses what is not. */
type Check<F extends Fields> = (written: Struct<F>, global: GlobalSettings) => void;

function unsent<F extends Fields>(
  name: string,
  fields: F,
  isResolvedSent: boolean,
  check: Check<F>,
): Decoder<Finish<UnsentEntry>> {
  return receiverKind(fields, (written, global) => {
    check(written, global);
    return { kind: 'unsent', sendResolved: isResolvedSent, http: undefined, settings: { name } };
  });
}

const need = (place: Place, values: readonly unknown[], message: string): void => {
  if (!values.some(given)) place.refuse(message);
};

const attachments = { fields: listOf(anything), actions: listOf(anything) } as const;
const sigv4 = struct({
  region: text,
  access_key: secret,
  secret_key: secret,
  profile: text,
  role_arn: text,
  external_id: text,
  use_fips_sts_endpoint: flag,
});

export const pushover = unsent(
  'pushover',
  {
    ...overHttp,
    user_key: secret,
    user_key_file: filePath,
    token: secret,
    token_file: filePath,
    title: text,
    message: text,
    url: text,
    url_title: text,
    device: text,
    sound: text,
    priority: text,
    retry: goDuration,
    expire: goDuration,
    ttl: goDuration,
    html: flag,
    monospace: flag,
  },
  true,
  ({ place, ...written }) => {
    need(
      place,
      [written.user_key, written.user_key_file],
      'one of user_key or user_key_file must be configured',
    );
    atMostOne(place, { user_key: written.user_key, user_key_file: written.user_key_file });
    need(place, [written.token, written.token_file], 'one of token or token_file must be configured');
    atMostOne(place, { token: written.token, token_file: written.token_file });
    if (written.html === true && written.monospace === true)
      place.refuse('at most one of monospace & html must be configured');
  },
);

export const wechat = unsent(
  'wechat',
  {
    ...overHttp,
    api_secret: secret,
    api_secret_file: filePath,
    corp_id: text,
    message: text,
    api_url: url,
    to_user: text,
    to_party: text,
    to_tag: text,
    agent_id: text,
    message_type: text,
  },
  false,
  ({ place, ...written }, global) => {
    const type = given(written.message_type) ? written.message_type : 'text';
    if (type !== 'text' && type !== 'markdown')
      place
        .at('message_type')
        .refuse(`weChat message type "${type}" does not match valid options ^(text|markdown)$`);
    need(
      place,
      [written.api_secret, written.api_secret_file, global.wechat_api_secret, global.wechat_api_secret_file],
      'no global Wechat ApiSecret set',
    );
    need(place, [written.corp_id, global.wechat_api_corp_id], 'no global Wechat CorpID set');
  },
);

const VICTOROPS_RESERVED = [
  'routing_key',
  'message_type',
  'state_message',
  'entity_display_name',
  'monitoring_tool',
  'entity_id',
  'entity_state',
];

export const victorops = unsent(
  'victorops',
  {
    ...overHttp,
    api_key: secret,
    api_key_file: filePath,
    api_url: url,
    routing_key: text,
    message_type: text,
    state_message: text,
    entity_display_name: text,
    monitoring_tool: text,
    custom_fields: mapOf(text),
  },
  true,
  ({ place, ...written }, global) => {
    need(place, [written.routing_key], 'missing Routing key in VictorOps config');
    atMostOne(place, { api_key: written.api_key, api_key_file: written.api_key_file });
    for (const name of VICTOROPS_RESERVED)
      if (written.custom_fields?.has(name) === true)
        place
          .at('custom_fields')
          .refuse(
            `victorOps config contains custom field ${name} which cannot be used as it conflicts with the fixed/static fields`,
          );
    need(
      place,
      [written.api_key, written.api_key_file, global.victorops_api_key, global.victorops_api_key_file],
      'no global VictorOps API Key set',
    );
  },
);

export const sns = unsent(
  'sns',
  {
    ...overHttp,
    api_url: text,
    sigv4,
    topic_arn: text,
    phone_number: text,
    target_arn: text,
    subject: text,
    message: text,
    attributes: mapOf(text),
  },
  true,
  ({ place, ...written }) => {
    const [target, topic, phone] = [written.target_arn, written.topic_arn, written.phone_number].map(given);
    // As Alertmanager compares them: with an even number of the three there is no telling which is meant.
    if ((!target !== !topic) !== !phone)
      place.refuse('must provide either a Target ARN, Topic ARN, or Phone Number for SNS config');
  },
);

export const webex = unsent(
  'webex',
  { ...overHttp, api_url: url, message: text, room_id: text },
  true,
  ({ place, ...written }) => {
    need(place, [written.room_id], 'missing room_id on webex_config');
    need(place, [written.http_config?.authorization], 'missing webex_configs.http_config.authorization');
  },
);

export const jira = unsent(
  'jira',
  {
    ...overHttp,
    api_url: url,
    api_type: text,
    project: text,
    summary: anything,
    description: anything,
    labels: listOf(text),
    priority: text,
    issue_type: text,
    reopen_transition: text,
    resolve_transition: text,
    wont_fix_resolution: text,
    reopen_duration: duration,
    fields: anything,
    custom_fields: anything,
  },
  true,
  ({ place, ...written }, global) => {
    need(place, [written.project], 'missing project in jira_config');
    need(place, [written.issue_type], 'missing issue_type in jira_config');
    need(place, [written.api_url, global.jira_api_url], 'no global Jira Cloud URL set');
  },
);

export const rocketchat = unsent(
  'rocketchat',
  {
    ...overHttp,
    ...attachments,
    api_url: url,
    token_id: secret,
    token_id_file: filePath,
    token: secret,
    token_file: filePath,
    channel: text,
    color: text,
    title: text,
    title_link: text,
    text,
    short_fields: flag,
    emoji: text,
    icon_url: text,
    image_url: text,
    thumb_url: text,
    link_names: flag,
  },
  false,
  ({ place, ...written }, global) => {
    atMostOne(place, { token: written.token, token_file: written.token_file });
    atMostOne(place, { token_id: written.token_id, token_id_file: written.token_id_file });
    need(
      place,
      [written.token_id, written.token_id_file, global.rocketchat_token_id, global.rocketchat_token_id_file],
      'no global Rocketchat TokenID set either inline or in a file',
    );
    need(
      place,
      [written.token, written.token_file, global.rocketchat_token, global.rocketchat_token_file],
      'no global Rocketchat Token set either inline or in a file',
    );
  },
);

export const incidentio = unsent(
  'incidentio',
  {
    ...overHttp,
    url,
    url_file: filePath,
    alert_source_token: secret,
    alert_source_token_file: filePath,
    max_alerts: integer,
    timeout: goDuration,
  },
  true,
  ({ place, ...written }) => {
    need(place, [written.url, written.url_file], 'one of url or url_file must be configured');
    atMostOne(place, { url: written.url, url_file: written.url_file });
    atMostOne(place, {
      alert_source_token: written.alert_source_token,
      alert_source_token_file: written.alert_source_token_file,
    });
    need(
      place,
      [written.alert_source_token, written.alert_source_token_file, written.http_config?.authorization],
      'at least one of alert_source_token, alert_source_token_file or http_config.authorization must be configured',
    );
  },
);

export const mattermost = unsent(
  'mattermost',
  {
    ...overHttp,
    ...attachments,
    webhook_url: secretUrl,
    webhook_url_file: filePath,
    channel: text,
    username: text,
    icon_url: text,
    icon_emoji: text,
    text,
    attachments: listOf(anything),
    props: anything,
    priority: anything,
  },
  false,
  ({ place, ...written }, global) => {
    need(
      place,
      [
        written.webhook_url,
        written.webhook_url_file,
        global.mattermost_webhook_url,
        global.mattermost_webhook_url_file,
      ],
      'one of webhook_url or webhook_url_file must be configured',
    );
    atMostOne(place, { webhook_url: written.webhook_url, webhook_url_file: written.webhook_url_file });
  },
);
