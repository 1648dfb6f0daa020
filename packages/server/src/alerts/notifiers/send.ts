import type { AlertmanagerConfig } from '../config/load.ts';
import { isSent, type SentEntry, type SentKind } from '../config/receivers/sent-kinds.ts';
import type { OutboxItem } from '../outbox/item.ts';
import { refusedForGood, type SendResult } from '../outbox/send-result.ts';
import type { LogKey, ReceiverMemo } from '../pipeline/notification-log.ts';
import { integrationName } from '../pipeline/parcel.ts';
import { MessageTexts, TemplateFailure } from '../templates/texts.ts';
import { discord } from './discord.ts';
import { email } from './email.ts';
import { msteams } from './msteams.ts';
import { msteamsv2 } from './msteamsv2.ts';
import type { Message, Notifier, NotifierDeps } from './notifier.ts';
import { opsgenie } from './opsgenie.ts';
import { pagerduty } from './pagerduty.ts';
import { slack } from './slack.ts';
import { telegram } from './telegram.ts';
import { webhook } from './webhook.ts';

/** Every notifier by its kind: a new one is a file, an entry here and in sent-kinds.ts. */
const NOTIFIERS: { readonly [Kind in SentKind]: Notifier<SentEntry<Kind>> } = {
  discord,
  email,
  msteams,
  msteamsv2,
  opsgenie,
  pagerduty,
  slack,
  telegram,
  webhook,
};

export interface SendDeps extends Omit<NotifierDeps, 'leftMs'> {
  /** The one in force: a notification that waited over a change of it goes where the receiver is now. */
  config(): AlertmanagerConfig;
  /** Where Pharos is, for links. */
  externalUrl(): string;
  lastMemo(key: LogKey): ReceiverMemo | undefined;
}

/** Of each note in the history. */
const NOTE_CHARS = 300;

/** One attempt to deliver a notification. */
export async function sendItem(item: OutboxItem, deps: SendDeps): Promise<SendResult> {
  const { receivers, library } = deps.config();
  const receiver = receivers.find(({ name }) => name === item.receiver);
  const entry = receiver?.integrations.find((one) => integrationName(one) === item.integration)?.entry;
  if (entry === undefined || !isSent(entry))
    return refusedForGood(`the configuration has no ${item.integration} of "${item.receiver}" any more`);
  const { group: groupKey, id, mayBeDuplicate, groupLabels, alerts, receiver: name } = item;
  const notification = { receiver: name, groupLabels, alerts, externalUrl: deps.externalUrl() };
  const texts = new MessageTexts(library, notification, deps.clock.now());
  const message: Message = {
    id,
    mayBeDuplicate,
    done: item.done,
    groupKey,
    notification,
    isFiring: alerts.some(({ isResolved }) => !isResolved),
    texts,
    memo: deps.lastMemo(item),
  };
  try {
    const { clock, http } = deps;
    const result = await notify(entry, message, { clock, http, leftMs: item.deadline - clock.now() });
    if (!result.ok) return result;
    const notes = [...(result.notes ?? []), ...texts.notes].map((note) => note.slice(0, NOTE_CHARS));
    return { ...result, notes };
  } catch (error) {
    if (error instanceof TemplateFailure) return refusedForGood(error.message);
    throw error;
  }
}

function notify<Kind extends SentKind>(
  entry: SentEntry<Kind>,
  message: Message,
  deps: NotifierDeps,
): Promise<SendResult> {
  return NOTIFIERS[entry.kind](entry, message, deps);
}
