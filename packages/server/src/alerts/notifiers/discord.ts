import type { SentEntry } from '../config/receivers/sent-kinds.ts';
import { shortened } from '../templates/shorten.ts';
import { given } from './given.ts';
import { attemptOverHttp, jsonNumber, judged, waiting } from './http.ts';
import type { Notifier } from './notifier.ts';

/** Discord's own limits, in characters. */
const MOST_CONTENT = 2000;
const MOST_TITLE = 256;
const MOST_MESSAGE = 4096;

/** Alertmanager's red and green. */
const FIRING = 10_038_562;
const RESOLVED = 3_066_993;

/** A message with one embed, red while anything fires and green when all is over. */
export const discord: Notifier<SentEntry<'discord'>> = ({ http, settings }, message, deps) =>
  attemptOverHttp(http, deps, async (attempt) => {
    const { texts } = message;
    const body = {
      content: shortened(texts.shown('content', settings.content), MOST_CONTENT),
      embeds: [
        {
          title: shortened(texts.shown('title', settings.title, TITLE), MOST_TITLE),
          description: shortened(texts.shown('message', settings.message, MESSAGE), MOST_MESSAGE),
          color: message.isFiring ? FIRING : RESOLVED,
          ...(message.mayBeDuplicate && { footer: { text: 'may be a repeat' } }),
        },
      ],
      ...given('username', settings.username),
      ...given('avatar_url', settings.avatarUrl),
    };
    const answer = await attempt.send({ url: await attempt.secret(settings.webhookUrl), body });
    // Of a limit that was reached the body says more exactly when it is over, in seconds.
    return waiting(judged(answer, deps.clock.now()), jsonNumber(answer, 'retry_after'));
  });

const TITLE = '{{ template "discord.default.title" . }}';
const MESSAGE = '{{ template "discord.default.message" . }}';
