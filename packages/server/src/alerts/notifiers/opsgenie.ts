import type { OpsgenieSettings } from '../config/receivers/opsgenie.ts';
import type { SentEntry } from '../config/receivers/sent-kinds.ts';
import { shortened } from '../templates/shorten.ts';
import { given } from './given.ts';
import { groupHash } from './group-hash.ts';
import { attemptOverHttp, judged, type Posting } from './http.ts';
import type { Message, Notifier } from './notifier.ts';

/** Opsgenie's own limit, in characters. */
const MOST_MESSAGE = 130;

const MESSAGE = '{{ template "opsgenie.default.message" . }}';
const DESCRIPTION = '{{ template "opsgenie.default.description" . }}';
const SOURCE = '{{ template "opsgenie.default.source" . }}';

/** An alert of Opsgenie for the group, opened and closed by an alias that stays the same; with `update_alerts` its texts follow. */
export const opsgenie: Notifier<SentEntry<'opsgenie'>> = ({ http, settings }, message, deps) =>
  attemptOverHttp(http, deps, async (attempt) => {
    const key = message.texts.exact('API key', await attempt.secret(settings.apiKey));
    attempt.hide(key);
    for (const posting of postings(settings, message)) {
      const headers = { authorization: `GenieKey ${key}` };
      const result = judged(await attempt.send({ ...posting, headers }), deps.clock.now());
      if (!result.ok) return result;
    }
    return { ok: true };
  });

/** Each of them may come again without harm. */
function postings(settings: OpsgenieSettings, message: Message): readonly Posting[] {
  const { texts } = message;
  const alias = groupHash(message.groupKey);
  const alerts = `${settings.url}v2/alerts`;
  const source = texts.shown('source', settings.source, SOURCE);
  const byAlias = (what: string): string => `${alerts}/${alias}/${what}?identifierType=alias`;
  if (!message.isFiring) return [{ url: byAlias('close'), body: { source } }];
  const title = shortened(texts.shown('message', settings.message, MESSAGE), MOST_MESSAGE);
  const description = texts.shown('description', settings.description, DESCRIPTION);
  const create: Posting = {
    url: alerts,
    body: { alias, ...createBody(settings, message, { title, description, source }) },
  };
  if (!settings.updateAlerts) return [create];
  return [
    create,
    { method: 'PUT', url: byAlias('message'), body: { message: title } },
    { method: 'PUT', url: byAlias('description'), body: { description } },
  ];
}

interface CreateTexts {
  readonly title: string;
  readonly description: string;
  readonly source: string;
}

function createBody(
  settings: OpsgenieSettings,
  message: Message,
  { title, description, source }: CreateTexts,
): object {
  const { texts } = message;
  return {
    message: title,
    ...given('description', description),
    details: detailsOf(settings, message),
    source,
    ...listed('responders', respondersOf(settings, texts)),
    ...listed('tags', split(texts.shown('tags', settings.tags))),
    ...given('note', texts.shown('note', settings.note)),
    ...given('priority', texts.shown('priority', settings.priority)),
    ...given('entity', texts.shown('entity', settings.entity)),
    ...listed('actions', split(texts.shown('actions', settings.actions))),
  };
}

/** Labels that all alerts share, then what the file adds. */
function detailsOf({ details }: OpsgenieSettings, { texts }: Message): Readonly<Record<string, string>> {
  const own = [...details].map(
    ([name, template]) => [name, texts.shown(`detail "${name}"`, template)] as const,
  );
  return Object.fromEntries([...texts.data.CommonLabels.entries, ...own]);
}

/** Of several teams in one text each is a responder; one without any name is none. */
function respondersOf({ responders }: OpsgenieSettings, texts: Message['texts']): readonly object[] {
  return responders.flatMap(({ id = '', name = '', username = '', type = '' }) => {
    const one = {
      ...given('id', texts.shown('a responder', id)),
      ...given('name', texts.shown('a responder', name)),
      ...given('username', texts.shown('a responder', username)),
    };
    if (Object.keys(one).length === 0) return [];
    const kind = texts.shown('a responder', type);
    if (kind !== 'teams') return [{ ...one, type: kind }];
    return split(one['name'] ?? '').map((team) => ({ name: team, type: 'team' }));
  });
}

function split(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function listed(name: string, values: readonly unknown[]): object {
  return values.length === 0 ? {} : { [name]: values };
}
