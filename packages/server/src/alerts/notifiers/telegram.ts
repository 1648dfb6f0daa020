import type { SentEntry } from '../config/receivers/sent-kinds.ts';
import type { TelegramSettings } from '../config/receivers/telegram.ts';
import { shortened } from '../templates/shorten.ts';
import { attemptOverHttp, type HttpAnswer, type HttpAttempt, jsonNumber, judged, waiting } from './http.ts';
import type { Message, Notifier } from './notifier.ts';

/** Telegram's own limit, in characters. */
const MOST_TEXT = 4096;
const MESSAGE = '{{ template "telegram.default.message" . }}';
/** What Telegram says of markup that is none, which a cut or an alert's own text may make. */
const BAD_MARKUP = /can't parse entities/;

/** A message of a bot to a chat. One whose markup Telegram cannot read is sent again as plain text: bad looks keep no alert from anybody. */
export const telegram: Notifier<SentEntry<'telegram'>> = ({ http, settings }, message, deps) =>
  attemptOverHttp(http, deps, async (attempt) => {
    const token = await attempt.secret(settings.botToken);
    const url = `${settings.url.replace(/\/$/, '')}/bot${token}/sendMessage`;
    const chat = await chatOf(settings, attempt);
    const text = textOf(settings, message);
    const send = (parts: Pick<Parts, 'text' | 'parseMode'>): Promise<HttpAnswer> =>
      attempt.send({ url, body: bodyOf(settings, { chat, ...parts }) });
    let answer = await send({ text, parseMode: settings.parseMode });
    const isBadMarkup =
      answer.status === 400 && settings.parseMode !== '' && BAD_MARKUP.test(answer.body.toString('utf8'));
    if (isBadMarkup) answer = await send({ text: plainText(text), parseMode: '' });
    const result = waiting(judged(answer, deps.clock.now()), jsonNumber(answer, 'parameters', 'retry_after'));
    return result.ok && isBadMarkup
      ? { ...result, notes: ['as plain text: Telegram could not read its markup'] }
      : result;
  });

async function chatOf(settings: TelegramSettings, attempt: HttpAttempt): Promise<string> {
  const { chatIdFile } = settings;
  return chatIdFile === undefined ? String(settings.chatId) : await attempt.secret({ file: chatIdFile });
}

function textOf(
  { message: template, parseMode }: TelegramSettings,
  { texts, mayBeDuplicate }: Message,
): string {
  const text =
    parseMode === 'HTML'
      ? texts.html('message', template, MESSAGE)
      : texts.shown('message', template, '{{ template "__text_both" . }}');
  const repeat = mayBeDuplicate ? '\n(may be a repeat)' : '';
  return shortened(text, MOST_TEXT - repeat.length) + repeat;
}

interface Parts {
  readonly chat: string;
  readonly text: string;
  readonly parseMode: string;
}

/** Texts all of them, as Alertmanager sends them. */
function bodyOf(settings: TelegramSettings, { chat, text, parseMode }: Parts): object {
  return {
    chat_id: chat,
    text,
    disable_web_page_preview: 'true',
    ...(settings.threadId !== 0 && { message_thread_id: String(settings.threadId) }),
    ...(settings.isSilent && { disable_notification: 'true' }),
    ...(parseMode !== '' && { parse_mode: parseMode }),
  };
}

/** What markup shows. Of Markdown its signs stay: they are not in the way of reading. */
function plainText(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    lt: '<',
    gt: '>',
    amp: '&',
    quot: '"',
    '#34': '"',
    '#39': "'",
    '#96': '`',
  };
  return text
    .replaceAll(/<\/?[a-z][^<>]*>/gi, '')
    .replaceAll(/&(#?\w+);/g, (whole, name: string) => entities[name] ?? whole);
}
