import { secretUrl } from '../addresses.ts';
import { atMostOne, filePath, given, text } from '../yaml/decode.ts';
import { type Entry, overHttp, receiverKind, type SecretSource } from './kind.ts';

export interface DiscordSettings {
  readonly webhookUrl: SecretSource;
  readonly content: string;
  readonly title: string;
  readonly message: string;
  readonly username: string;
  readonly avatarUrl: string;
}

const fields = {
  ...overHttp,
  webhook_url: secretUrl,
  webhook_url_file: filePath,
  content: text,
  title: text,
  message: text,
  username: text,
  avatar_url: text,
} as const;

/** `discord_configs` */
export const discord = receiverKind(fields, (written, global): Entry<'discord', DiscordSettings> => {
  const { place } = written;
  if (!given(written.webhook_url) && !given(written.webhook_url_file))
    place.refuse('one of webhook_url or webhook_url_file must be configured');
  atMostOne(place, { webhook_url: written.webhook_url, webhook_url_file: written.webhook_url_file });
  return {
    kind: 'discord',
    sendResolved: written.send_resolved ?? true,
    http: written.http_config ?? global.http_config,
    settings: {
      webhookUrl: { value: written.webhook_url, file: written.webhook_url_file },
      content: written.content ?? '',
      title: written.title ?? '{{ template "discord.default.title" . }}',
      message: written.message ?? '{{ template "discord.default.message" . }}',
      username: written.username ?? '',
      avatarUrl: written.avatar_url ?? '',
    },
  };
});
