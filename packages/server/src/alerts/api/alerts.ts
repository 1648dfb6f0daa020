import type { Alert } from '../received/alert.ts';
import type { StateFilter } from './filters.ts';
import { apiTime } from './times.ts';

/** What is known of an alert besides what was sent. */
export interface AlertStanding {
  /** Ids of silences that are active. */
  readonly silencedBy: readonly string[];
  /** Fingerprints. */
  readonly inhibitedBy: readonly string[];
  /** Names of intervals that mute its group, or outside of which it is; known within groups only. */
  readonly mutedBy: readonly string[];
  /** Whether its groups were flushed, or it was looked at, since it came. */
  readonly isProcessed: boolean;
}

type AlertState = 'unprocessed' | 'active' | 'suppressed';

function alertState({ silencedBy, inhibitedBy, mutedBy, isProcessed }: AlertStanding): AlertState {
  if (silencedBy.length + inhibitedBy.length + mutedBy.length > 0) return 'suppressed';
  return isProcessed ? 'active' : 'unprocessed';
}

/** `gettableAlert` of API v2: every field, no list is ever null. */
export interface GettableAlert {
  readonly annotations: Readonly<Record<string, string>>;
  readonly endsAt: string;
  readonly fingerprint: string;
  readonly receivers: readonly { readonly name: string }[];
  readonly startsAt: string;
  readonly status: {
    readonly inhibitedBy: readonly string[];
    readonly mutedBy: readonly string[];
    readonly silencedBy: readonly string[];
    readonly state: AlertState;
  };
  readonly updatedAt: string;
  readonly generatorURL?: string;
  readonly labels: Readonly<Record<string, string>>;
}

export function gettableAlert(
  alert: Alert,
  standing: AlertStanding,
  receivers: readonly string[],
): GettableAlert {
  const { silencedBy, inhibitedBy, mutedBy } = standing;
  return {
    annotations: Object.fromEntries(alert.annotations),
    endsAt: apiTime(alert.endsAt),
    fingerprint: alert.fingerprint,
    receivers: receivers.map((name) => ({ name })),
    startsAt: apiTime(alert.startsAt),
    status: { inhibitedBy, mutedBy, silencedBy, state: alertState(standing) },
    updatedAt: apiTime(alert.updatedAt),
    ...(alert.generatorUrl === '' ? {} : { generatorURL: alert.generatorUrl }),
    labels: Object.fromEntries(alert.labels),
  };
}

/** Whether an alert is listed: it has not ended, and somebody wants those of its state. */
export function isListed(alert: Alert, standing: AlertStanding, wanted: StateFilter, now: number): boolean {
  if (alert.endsAt < now) return false;
  const own: AlertStanding = { ...standing, mutedBy: [] };
  if (!wanted.active && alertState(own) === 'active') return false;
  if (!wanted.unprocessed && alertState(own) === 'unprocessed') return false;
  if (!wanted.silenced && standing.silencedBy.length > 0) return false;
  return wanted.inhibited || standing.inhibitedBy.length === 0;
}

export function byFingerprint(a: GettableAlert, b: GettableAlert): number {
  return a.fingerprint < b.fingerprint ? -1 : a.fingerprint > b.fingerprint ? 1 : 0;
}
