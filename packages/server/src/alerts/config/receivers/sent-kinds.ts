import type { DiscordSettings } from './discord.ts';
import type { EmailSettings } from './email.ts';
import type { Entry } from './kind.ts';
import type { MsTeamsSettings, MsTeamsV1Settings } from './msteams.ts';
import type { OpsgenieSettings } from './opsgenie.ts';
import type { PagerDutySettings } from './pagerduty.ts';
import type { ReceiverEntry } from './registry.ts';
import type { SlackSettings } from './slack.ts';
import type { TelegramSettings } from './telegram.ts';
import type { WebhookSettings } from './webhook.ts';

/** Kinds of receivers that Pharos sends to (notifiers/), with their settings; entries of all others load, are skipped, and say so. */
interface SentSettings {
  readonly discord: DiscordSettings;
  readonly email: EmailSettings;
  readonly msteams: MsTeamsV1Settings;
  readonly msteamsv2: MsTeamsSettings;
  readonly opsgenie: OpsgenieSettings;
  readonly pagerduty: PagerDutySettings;
  readonly slack: SlackSettings;
  readonly telegram: TelegramSettings;
  readonly webhook: WebhookSettings;
}

export type SentKind = keyof SentSettings;

/** An entry that somebody is told by. */
export type SentEntry<Kind extends SentKind = SentKind> = {
  readonly [K in Kind]: Entry<K, SentSettings[K]>;
}[Kind];

const SENT_KINDS: Readonly<Record<SentKind, true>> = {
  discord: true,
  email: true,
  msteams: true,
  msteamsv2: true,
  opsgenie: true,
  pagerduty: true,
  slack: true,
  telegram: true,
  webhook: true,
};

export function isSent(entry: ReceiverEntry): entry is SentEntry {
  return Object.hasOwn(SENT_KINDS, entry.kind);
}

/** The kind's name in files. */
export function kindName(entry: ReceiverEntry): string {
  return entry.kind === 'unsent' ? entry.settings.name : entry.kind;
}
