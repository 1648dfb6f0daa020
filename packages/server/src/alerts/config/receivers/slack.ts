import { secretUrl, url } from '../addresses.ts';
import type { GlobalSettings } from '../global.ts';
import {
  atMostOne,
  filePath,
  flag,
  given,
  goDuration,
  listOf,
  type Struct,
  secret,
  struct,
  text,
} from '../yaml/decode.ts';
import { type Entry, firstSecret, overHttp, receiverKind, type SecretSource } from './kind.ts';

const confirm = struct({ text, title: text, ok_text: text, dismiss_text: text });
const action = struct({ type: text, text, url: text, style: text, name: text, value: text, confirm });
const field = struct({ title: text, value: text, short: flag });

/** Texts that are templates, and what they are where nothing is written. */
export const SLACK_TEMPLATES = {
  channel: '',
  username: '{{ template "slack.default.username" . }}',
  color: '{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}',
  title: '{{ template "slack.default.title" . }}',
  title_link: '{{ template "slack.default.titlelink" . }}',
  pretext: '{{ template "slack.default.pretext" . }}',
  text: '{{ template "slack.default.text" . }}',
  footer: '{{ template "slack.default.footer" . }}',
  fallback: '{{ template "slack.default.fallback" . }}',
  callback_id: '{{ template "slack.default.callbackid" . }}',
  icon_emoji: '{{ template "slack.default.iconemoji" . }}',
  icon_url: '{{ template "slack.default.iconurl" . }}',
  image_url: '',
  thumb_url: '',
} as const;

type TemplateName = keyof typeof SLACK_TEMPLATES;
type Action = NonNullable<ReturnType<typeof action>>;
type Field = NonNullable<ReturnType<typeof field>>;

export interface SlackSettings {
  /** An incoming webhook, or the address of the API for an app's token. */
  readonly url: SecretSource;
  /** Given for the API; then threads and edits are possible. */
  readonly appToken: SecretSource | undefined;
  readonly templates: Readonly<Record<TemplateName, string>>;
  readonly fields: readonly Field[];
  readonly shortFields: boolean;
  readonly linkNames: boolean;
  readonly markdownIn: readonly string[];
  readonly actions: readonly Action[];
  /** Later news of a group change its message instead of making another. */
  readonly updatesInPlace: boolean;
  /** They are told in the thread of its first message. */
  readonly repliesInThread: boolean;
  /** 0 leaves it to the time that a notification has. */
  readonly timeoutMs: number;
}

const SLACK_API = 'https://slack.com/api/chat.postMessage';

const fields = {
  ...overHttp,
  api_url: secretUrl,
  api_url_file: filePath,
  app_token: secret,
  app_token_file: filePath,
  app_url: url,
  channel: text,
  username: text,
  color: text,
  title: text,
  title_link: text,
  pretext: text,
  text,
  footer: text,
  fallback: text,
  callback_id: text,
  icon_emoji: text,
  icon_url: text,
  image_url: text,
  thumb_url: text,
  fields: listOf(field),
  short_fields: flag,
  link_names: flag,
  mrkdwn_in: listOf(text),
  actions: listOf(action),
  edit_messages: flag,
  update_message: flag,
  post_updates_to_thread: flag,
  timeout: goDuration,
} as const;

/** `slack_configs` */
export const slack = receiverKind(fields, (written, global): Entry<'slack', SlackSettings> | undefined => {
  const { place } = written;
  atMostOne(place, { api_url: written.api_url, api_url_file: written.api_url_file });
  atMostOne(place, { app_token: written.app_token, app_token_file: written.app_token_file });
  for (const one of written.actions ?? []) checkAction(one);
  for (const one of written.fields ?? []) checkField(one);
  const address = addressOf(written, global);
  if (address === undefined) return place.refuse('no global Slack API URL set either inline or in a file');
  const settings: SlackSettings = {
    ...address,
    templates: { ...SLACK_TEMPLATES, ...textsOf(written) },
    fields: written.fields ?? [],
    shortFields: written.short_fields ?? false,
    linkNames: written.link_names ?? false,
    markdownIn: written.mrkdwn_in ?? ['fallback', 'pretext', 'text'],
    actions: written.actions ?? [],
    updatesInPlace: written.update_message ?? written.edit_messages ?? false,
    repliesInThread: written.post_updates_to_thread ?? false,
    timeoutMs: written.timeout ?? 0,
  };
  return {
    kind: 'slack',
    sendResolved: written.send_resolved ?? false,
    http: written.http_config ?? global.http_config,
    settings,
  };
});

/** An own webhook comes before the token of an app that is global. */
function addressOf(
  written: Struct<typeof fields>,
  global: GlobalSettings,
): Pick<SlackSettings, 'url' | 'appToken'> | undefined {
  const ownToken = firstSecret({ value: written.app_token, file: written.app_token_file });
  const ownHook = firstSecret({ value: written.api_url, file: written.api_url_file });
  const globalToken = firstSecret({ value: global.slack_app_token, file: global.slack_app_token_file });
  const appToken = ownToken ?? (ownHook === undefined ? globalToken : undefined);
  if (appToken !== undefined)
    return { url: { value: written.app_url ?? global.slack_app_url ?? SLACK_API }, appToken };
  const hook = ownHook ?? firstSecret({ value: global.slack_api_url, file: global.slack_api_url_file });
  return hook && { url: hook, appToken: undefined };
}

const TEMPLATE_NAMES = [
  'channel',
  'username',
  'color',
  'title',
  'title_link',
  'pretext',
  'text',
  'footer',
  'fallback',
  'callback_id',
  'icon_emoji',
  'icon_url',
  'image_url',
  'thumb_url',
] as const satisfies readonly TemplateName[];

/** An empty text that was written stays empty. */
function textsOf(
  written: Readonly<Partial<Record<TemplateName, string>>>,
): Partial<Record<TemplateName, string>> {
  const texts: Partial<Record<TemplateName, string>> = {};
  for (const name of TEMPLATE_NAMES) {
    const value = written[name];
    if (value !== undefined) texts[name] = value;
  }
  return texts;
}

function checkAction(one: Action): void {
  if (!given(one.type)) one.place.refuse('missing type in Slack action configuration');
  if (!given(one.text)) one.place.refuse('missing text in Slack action configuration');
  if (!given(one.url) && !given(one.name))
    one.place.refuse('missing name or url in Slack action configuration');
  if (one.confirm !== undefined && !given(one.confirm.text))
    one.confirm.place.refuse('missing text in Slack confirmation configuration');
}

function checkField(one: Field): void {
  if (!given(one.title)) one.place.refuse('missing title in Slack field configuration');
  if (!given(one.value)) one.place.refuse('missing value in Slack field configuration');
}
