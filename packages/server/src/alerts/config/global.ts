import { hostPort, secretUrl, url } from './addresses.ts';
import { httpSettings, tlsSettings } from './http-client.ts';
import { atMostOne, duration, filePath, flag, type Struct, secret, struct, text } from './yaml/decode.ts';

const globalFields = {
  resolve_timeout: duration,
  http_config: httpSettings,
  jira_api_url: url,
  mattermost_webhook_url: secretUrl,
  mattermost_webhook_url_file: filePath,
  opsgenie_api_key: secret,
  opsgenie_api_key_file: filePath,
  opsgenie_api_url: url,
  pagerduty_url: url,
  rocketchat_api_url: url,
  rocketchat_token: secret,
  rocketchat_token_file: filePath,
  rocketchat_token_id: secret,
  rocketchat_token_id_file: filePath,
  slack_api_url: secretUrl,
  slack_api_url_file: filePath,
  slack_app_token: secret,
  slack_app_token_file: filePath,
  slack_app_url: url,
  smtp_auth_identity: text,
  smtp_auth_password: secret,
  smtp_auth_password_file: filePath,
  smtp_auth_secret: secret,
  smtp_auth_secret_file: filePath,
  smtp_auth_username: text,
  smtp_force_implicit_tls: flag,
  smtp_from: text,
  smtp_hello: text,
  smtp_require_tls: flag,
  smtp_smarthost: hostPort,
  smtp_tls_config: tlsSettings,
  telegram_api_url: url,
  telegram_bot_token: secret,
  telegram_bot_token_file: filePath,
  victorops_api_key: secret,
  victorops_api_key_file: filePath,
  victorops_api_url: url,
  webex_api_url: url,
  wechat_api_corp_id: text,
  wechat_api_secret: secret,
  wechat_api_secret_file: filePath,
  wechat_api_url: url,
} as const;

export const globalSettings = struct(globalFields);

/** What receivers take where they say nothing themselves; as written, without defaults. */
export type GlobalSettings = Partial<Struct<typeof globalFields>>;

/** After this an alert counts as resolved that nobody repeated, and whose end nobody gave. */
export const DEFAULT_RESOLVE_TIMEOUT_MS = 300_000;

const ONE_OF_TWO = [
  'slack_api_url',
  'slack_app_token',
  'opsgenie_api_key',
  'victorops_api_key',
  'smtp_auth_password',
  'smtp_auth_secret',
  'rocketchat_token',
  'rocketchat_token_id',
  'telegram_bot_token',
  'wechat_api_secret',
  'mattermost_webhook_url',
] as const;

/** A secret stands in the file or in one of its own. */
export function checkGlobal(global: Struct<typeof globalFields>): void {
  for (const name of ONE_OF_TWO) {
    const file = `${name}_file` as const;
    atMostOne(global.place, { [name]: global[name], [file]: global[file] });
  }
}
