import type { PagerDutySettings } from '../config/receivers/pagerduty.ts';
import type { SentEntry } from '../config/receivers/sent-kinds.ts';
import { shortened } from '../templates/shorten.ts';
import { given } from './given.ts';
import { groupHash } from './group-hash.ts';
import { attemptOverHttp, judged } from './http.ts';
import type { Message, Notifier } from './notifier.ts';

/** PagerDuty's own limits: characters of a summary, bytes of an event. */
const MOST_SUMMARY = 1024;
const MOST_BYTES = 512_000;

const EVENTS_V1 = 'https://events.pagerduty.com/generic/2010-04-15/create_event.json';
const EVENTS_V2 = 'https://events.pagerduty.com/v2/enqueue';
const SUBJECT = '{{ template "pagerduty.default.description" . }}';
/** Where nothing else is written. */
const SEVERITY = 'error';

/**
 * An event that opens, or with the last alert closes, the incident of the group: PagerDuty knows it by a key that stays the same. By
 * Events v2, or v1 for a service key.
 */
export const pagerduty: Notifier<SentEntry<'pagerduty'>> = ({ http, settings }, message, deps) =>
  attemptOverHttp(http, deps, async (attempt) => {
    const routingKey = await attempt.secret(settings.routingKey);
    const isV2 = routingKey !== '';
    const key = message.texts.exact('key', isV2 ? routingKey : await attempt.secret(settings.serviceKey));
    attempt.hide(key);
    const details = detailsOf(settings, message);
    const eventOf = (shown: Details): object =>
      isV2
        ? eventV2(settings, message, { key, details: shown })
        : eventV1(settings, message, { key, details: shown });
    const whole = JSON.stringify(eventOf(details));
    const isTooLong = Buffer.byteLength(whole) > MOST_BYTES;
    const body = isTooLong ? JSON.stringify(eventOf(TOO_LONG)) : whole;
    const url = !isV2 && settings.url === EVENTS_V2 ? EVENTS_V1 : settings.url;
    const answer = await attempt.send({ url, body, timeoutMs: settings.timeoutMs });
    // Events v1 says 403 where v2 says 429.
    const result = judged(answer, deps.clock.now(), isV2 ? [] : [403]);
    return result.ok && isTooLong
      ? { ...result, notes: [`without details: the event was longer than ${MOST_BYTES} bytes`] }
      : result;
  });

type Details = Readonly<Record<string, string>>;

const TOO_LONG: Details = {
  error: `The details are not here: with them the event is longer than the ${MOST_BYTES / 1000} KB that PagerDuty takes.`,
};

interface EventParts {
  readonly key: string;
  readonly details: Details;
}

function detailsOf({ details }: PagerDutySettings, { texts }: Message): Details {
  return Object.fromEntries(
    [...details].map(([name, template]) => [name, texts.shown(`detail "${name}"`, template)]),
  );
}

function summaryOf({ texts: written }: PagerDutySettings, { texts }: Message): string {
  return shortened(texts.shown('description', written.description, SUBJECT), MOST_SUMMARY);
}

function eventV1(settings: PagerDutySettings, message: Message, { key, details }: EventParts): object {
  const { isFiring, texts } = message;
  return {
    service_key: key,
    event_type: isFiring ? 'trigger' : 'resolve',
    incident_key: groupHash(message.groupKey),
    description: summaryOf(settings, message),
    details,
    ...(isFiring && {
      client: texts.shown('client', settings.texts.client),
      client_url: texts.shown('client URL', settings.texts.clientUrl),
    }),
  };
}

function eventV2(settings: PagerDutySettings, message: Message, { key, details }: EventParts): object {
  const { texts } = message;
  const { texts: written } = settings;
  return {
    routing_key: key,
    dedup_key: groupHash(message.groupKey),
    event_action: message.isFiring ? 'trigger' : 'resolve',
    payload: {
      summary: summaryOf(settings, message),
      source: texts.shown('source', written.source, '{{ template "pagerduty.default.client" . }}'),
      severity: texts.shown('severity', written.severity, SEVERITY) || SEVERITY,
      ...given('class', texts.shown('class', written.className)),
      ...given('component', texts.shown('component', written.component)),
      ...given('group', texts.shown('group', written.group)),
      custom_details: details,
    },
    ...given('client', texts.shown('client', written.client)),
    ...given('client_url', texts.shown('client URL', written.clientUrl)),
    ...imagesOf(settings, texts),
    ...linksOf(settings, texts),
  };
}

/** One whose address comes out empty is left out, as Alertmanager does. */
function imagesOf({ images }: PagerDutySettings, texts: Message['texts']): object {
  const all = images
    .map(({ src = '', alt = '', href = '' }) => ({
      src: texts.shown('an image', src),
      ...given('alt', texts.shown('an image', alt)),
      ...given('href', texts.shown('an image', href)),
    }))
    .filter(({ src }) => src !== '');
  return all.length === 0 ? {} : { images: all };
}

function linksOf({ links }: PagerDutySettings, texts: Message['texts']): object {
  const all = links
    .map(({ href = '', text = '' }) => ({
      href: texts.shown('a link', href),
      ...given('text', texts.shown('a link', text)),
    }))
    .filter(({ href }) => href !== '');
  return all.length === 0 ? {} : { links: all };
}
