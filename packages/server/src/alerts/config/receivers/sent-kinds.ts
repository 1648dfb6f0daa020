import type { ReceiverEntry } from './registry.ts';

/** Kinds of receivers that Pharos sends to (notifiers/); entries of all others load, are skipped, and say so. */
const SENT_KINDS = ['webhook'] as const satisfies readonly ReceiverEntry['kind'][];

type SentKind = (typeof SENT_KINDS)[number];

/** An entry that somebody is told by. */
export type SentEntry = Extract<ReceiverEntry, { readonly kind: SentKind }>;

export function isSent(entry: ReceiverEntry): entry is SentEntry {
  return SENT_KINDS.some((kind) => kind === entry.kind);
}

/** The kind's name in files. */
export function kindName(entry: ReceiverEntry): string {
  return entry.kind === 'unsent' ? entry.settings.name : entry.kind;
}
