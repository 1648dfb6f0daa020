import type { SentEntry, SentKind } from '../config/receivers/sent-kinds.ts';
import { formatLabelSet, labelSet } from '../labels/label-set.ts';
import type { Message } from '../notifiers/notifier.ts';
import { alertOf, type FlushedAlert } from '../received/alert.ts';
import type { Notification } from '../templates/data.ts';
import { builtInLibrary, type TemplateFile } from '../templates/library.ts';
import { MessageTexts } from '../templates/texts.ts';
import { alertmanagerConfig } from './open.ts';

/** Epoch ms: when alerts of test messages began, and when they are sent. */
export const START = Date.UTC(2026, 0, 1);

interface TestAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly isResolved?: boolean;
  readonly generatorUrl?: string;
}

export interface TestMessage extends Partial<Pick<Message, 'id' | 'mayBeDuplicate' | 'done' | 'memo'>> {
  readonly receiver?: string;
  readonly groupLabels?: Readonly<Record<string, string>>;
  readonly alerts: readonly TestAlert[];
  readonly templates?: readonly TemplateFile[];
}

function flushedAlert({
  labels,
  annotations = {},
  isResolved = false,
  generatorUrl = '',
}: TestAlert): FlushedAlert {
  return {
    ...alertOf({
      labels: labelSet(Object.entries(labels)),
      annotations: labelSet(Object.entries(annotations)),
      startsAt: START,
      endsAt: START + 60_000,
      updatedAt: START,
      isTimeout: !isResolved,
      generatorUrl,
    }),
    isResolved,
  };
}

/** A message as notifiers get it. */
export function testMessage({
  receiver = 'team',
  groupLabels = {},
  alerts,
  templates,
  ...rest
}: TestMessage): Message {
  const group = labelSet(Object.entries(groupLabels));
  const notification: Notification = {
    receiver,
    groupLabels: group,
    alerts: alerts.map(flushedAlert),
    externalUrl: 'http://pharos.example',
  };
  const compiled = builtInLibrary().withFiles(templates ?? []);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return {
    id: 'd-1',
    mayBeDuplicate: false,
    groupKey: `{}:${formatLabelSet(group)}`,
    notification,
    isFiring: alerts.some(({ isResolved }) => isResolved !== true),
    texts: new MessageTexts(compiled.library, notification, START),
    memo: undefined,
    ...rest,
  };
}

/** An entry as it stands below `<kind>_configs`. */
export function entryOf<Kind extends SentKind>(kind: Kind, settings: string, global = '{}'): SentEntry<Kind> {
  const { receivers } = alertmanagerConfig(
    `global: ${global}\nroute: { receiver: team }\nreceivers: [ { name: team, ${kind}_configs: [ ${settings} ] } ]`,
  );
  const entry = receivers[0]?.integrations[0]?.entry;
  if (!isOf(entry, kind)) throw new Error(`an entry of ${kind} was expected`);
  return entry;
}

function isOf<Kind extends SentKind>(
  entry: { readonly kind: string } | undefined,
  kind: Kind,
): entry is SentEntry<Kind> {
  return entry?.kind === kind;
}
