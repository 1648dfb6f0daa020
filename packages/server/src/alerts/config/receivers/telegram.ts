import { url } from '../addresses.ts';
import { atMostOne, filePath, flag, given, integer, secret, text } from '../yaml/decode.ts';
import { type Entry, firstSecret, overHttp, receiverKind, type SecretSource } from './kind.ts';

export interface TelegramSettings {
  readonly url: string;
  readonly botToken: SecretSource;
  readonly chatId: number;
  /** The file that holds the chat's id instead. */
  readonly chatIdFile: string | undefined;
  /** A topic of the chat; 0 is none. */
  readonly threadId: number;
  readonly message: string;
  readonly isSilent: boolean;
  readonly parseMode: string;
}

const PARSE_MODES = ['', 'Markdown', 'MarkdownV2', 'HTML'];

const fields = {
  ...overHttp,
  api_url: url,
  bot_token: secret,
  bot_token_file: filePath,
  chat_id: integer,
  chat_id_file: filePath,
  message_thread_id: integer,
  message: text,
  disable_notifications: flag,
  parse_mode: text,
} as const;

/** `telegram_configs` */
export const telegram = receiverKind(fields, (written, global): Entry<'telegram', TelegramSettings> => {
  const { place } = written;
  const own = { value: written.bot_token, file: written.bot_token_file };
  const botToken = firstSecret(own, {
    value: global.telegram_bot_token,
    file: global.telegram_bot_token_file,
  });
  if (botToken === undefined) place.refuse('missing bot_token or bot_token_file on telegram_config');
  atMostOne(place, { bot_token: own.value, bot_token_file: own.file });
  if ((written.chat_id ?? 0) === 0 && !given(written.chat_id_file))
    place.refuse('missing chat_id or chat_id_file on telegram_config');
  atMostOne(place, { chat_id: written.chat_id, chat_id_file: written.chat_id_file });
  const parseMode = written.parse_mode ?? 'HTML';
  if (!PARSE_MODES.includes(parseMode))
    place
      .at('parse_mode')
      .refuse('unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty string');
  return {
    kind: 'telegram',
    sendResolved: written.send_resolved ?? true,
    http: written.http_config ?? global.http_config,
    settings: {
      url: written.api_url ?? global.telegram_api_url ?? 'https://api.telegram.org',
      botToken: botToken ?? {},
      chatId: written.chat_id ?? 0,
      chatIdFile: written.chat_id_file,
      threadId: written.message_thread_id ?? 0,
      message: written.message ?? '{{ template "telegram.default.message" . }}',
      isSilent: written.disable_notifications ?? false,
      parseMode,
    },
  };
});
