import type { Entry } from './kind.ts';
import type { ReceiverEntry } from './registry.ts';
import type { SlackSettings } from './slack.ts';
import type { WebhookSettings } from './webhook.ts';

/** Kinds of receivers that Pharos sends to (notifiers/), with their settings; entries of all others load, are skipped, and say so. */
interface SentSettings {
  readonly slack: SlackSettings;
  readonly webhook: WebhookSettings;
}

export type SentKind = keyof SentSettings;

/** An entry that somebody is told by. */
export type SentEntry<Kind extends SentKind = SentKind> = {
  readonly [K in Kind]: Entry<K, SentSettings[K]>;
}[Kind];

const SENT_KINDS: Readonly<Record<SentKind, true>> = { slack: true, webhook: true };

export function isSent(entry: ReceiverEntry): entry is SentEntry {
  return Object.hasOwn(SENT_KINDS, entry.kind);
}

/** The kind's name in files. */
export function kindName(entry: ReceiverEntry): string {
  return entry.kind === 'unsent' ? entry.settings.name : entry.kind;
}
