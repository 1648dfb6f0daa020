import type { SentEntry } from '../config/receivers/sent-kinds.ts';
import { shortened } from '../templates/shorten.ts';
import { attemptOverHttp, judged } from './http.ts';
import type { Notifier } from './notifier.ts';

/** Teams takes 28 KB in all; a character is four bytes at the most. */
const MOST_TEXT = 6000;
const MOST_TITLE = 500;

const TITLE = '{{ template "msteamsv2.default.title" . }}';
const TEXT = '{{ template "msteamsv2.default.text" . }}';

/** An adaptive card, which a workflow of Teams posts. */
export const msteamsv2: Notifier<SentEntry<'msteamsv2'>> = ({ http, settings }, message, deps) =>
  attemptOverHttp(http, deps, async (attempt) => {
    const { texts } = message;
    const title = {
      type: 'TextBlock',
      text: shortened(texts.shown('title', settings.title, TITLE), MOST_TITLE),
      weight: 'Bolder',
      size: 'Medium',
      wrap: true,
      style: 'heading',
      color: message.isFiring ? 'Attention' : 'Good',
    };
    const text = {
      type: 'TextBlock',
      text: shortened(texts.shown('text', settings.text, TEXT), MOST_TEXT),
      wrap: true,
    };
    const repeat = { type: 'TextBlock', text: 'may be a repeat', isSubtle: true, wrap: true };
    const body = {
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          contentUrl: null,
          content: {
            $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
            type: 'AdaptiveCard',
            version: '1.4',
            body: [title, text, ...(message.mayBeDuplicate ? [repeat] : [])],
            msteams: { width: 'full' },
          },
        },
      ],
    };
    const answer = await attempt.send({ url: await attempt.secret(settings.webhookUrl), body });
    return judged(answer, deps.clock.now());
  });
