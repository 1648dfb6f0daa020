import type { AlertmanagerConfig } from '../config/load.ts';
import { isSent, type SentEntry } from '../config/receivers/sent-kinds.ts';
import type { OutboxItem } from '../outbox/item.ts';
import { refusedForGood, type SendResult } from '../outbox/send-result.ts';
import { integrationName } from '../pipeline/parcel.ts';
import type { Notifier, NotifierDeps } from './notifier.ts';
import { webhook } from './webhook.ts';

/** Every notifier by its kind: a new one is a file, an entry here and one in `SENT_KINDS`. */
const NOTIFIERS: { readonly [Kind in SentEntry['kind']]: Notifier<Extract<SentEntry, { kind: Kind }>> } = {
  webhook,
};

export interface SendDeps extends NotifierDeps {
  /** The one in force: a notification that waited over a change of it goes where the receiver is now. */
  config(): AlertmanagerConfig;
  /** Where Pharos is, for links. */
  externalUrl(): string;
}

/** One attempt to deliver a notification. */
export async function sendItem(item: OutboxItem, deps: SendDeps): Promise<SendResult> {
  const receiver = deps.config().receivers.find(({ name }) => name === item.receiver);
  const entry = receiver?.integrations.find((one) => integrationName(one) === item.integration)?.entry;
  if (entry === undefined || !isSent(entry))
    return refusedForGood(`the configuration has no ${item.integration} of "${item.receiver}" any more`);
  const { group: groupKey, id, mayBeDuplicate, groupLabels, alerts, receiver: name } = item;
  const notification = { receiver: name, groupLabels, alerts, externalUrl: deps.externalUrl() };
  return await NOTIFIERS[entry.kind](entry, { id, mayBeDuplicate, groupKey, notification }, deps);
}
