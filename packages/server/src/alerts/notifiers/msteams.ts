import type { SentEntry } from '../config/receivers/sent-kinds.ts';
import type { SendResult } from '../outbox/send-result.ts';
import { shortened } from '../templates/shorten.ts';
import { attemptOverHttp, type HttpAnswer, judged } from './http.ts';
import type { Notifier } from './notifier.ts';

/** Teams takes 28 KB in all; a character is four bytes at the most. */
const MOST_TEXT = 6000;
const MOST_TITLE = 500;

const RED = '8C1A1A';
const GREEN = '2DC72D';

const TITLE = '{{ template "msteams.default.title" . }}';
const TEXT = '{{ template "msteams.default.text" . }}';

/** A card of Office connectors, which Teams' older webhooks take. */
export const msteams: Notifier<SentEntry<'msteams'>> = ({ http, settings }, message, deps) =>
  attemptOverHttp(http, deps, async (attempt) => {
    const { texts } = message;
    const repeat = message.mayBeDuplicate ? '\n\n(may be a repeat)' : '';
    const body = {
      '@context': 'http://schema.org/extensions',
      '@type': 'MessageCard',
      title: shortened(texts.shown('title', settings.title, TITLE), MOST_TITLE),
      summary: shortened(texts.shown('summary', settings.summary, TITLE), MOST_TITLE),
      text: shortened(texts.shown('text', settings.text, TEXT), MOST_TEXT) + repeat,
      themeColor: message.isFiring ? RED : GREEN,
    };
    const answer = await attempt.send({ url: await attempt.secret(settings.webhookUrl), body });
    return connectorJudged(answer, deps.clock.now());
  });

/** A connector says 200 to what a limit kept from Teams, and why in words. */
function connectorJudged(answer: HttpAnswer, now: number): SendResult {
  const result = judged(answer, now);
  const words = answer.body.toString('utf8');
  const code = /HTTP error (\d{3})|ContextId|delivery failed/i.exec(words);
  if (!result.ok || code === null || !/failed|error/i.test(words)) return result;
  const status = Number(code[1] ?? 500);
  return {
    ok: false,
    reason: `Teams did not take it: ${words}`,
    isRetryable: status === 429 || status >= 500,
    isUncertain: false,
    retryAfterMs: null,
  };
}
