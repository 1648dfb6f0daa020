import type { Told } from '../decisions/told.ts';
import { type Incident, servicesOf } from './incident.ts';
import { type IncidentFacts, neighboursOf, spanOf, type TimelineEntry, timelineOf } from './timeline.ts';
import type { CallMap } from './topology.ts';

export interface AccountDeps {
  readonly facts: IncidentFacts;
  calls(): CallMap;
  told(
    fingerprints: readonly string[],
    span: { readonly from: number; readonly to: number },
  ): Promise<{ readonly told: readonly Told[]; readonly isPartial: boolean }>;
}

/** All that is known of an incident. */
export interface Account {
  readonly entries: readonly TimelineEntry[];
  /** Who calls the services of it, or is called by them. */
  readonly neighbours: readonly string[];
  /** What could not be read. */
  readonly warnings: readonly string[];
}

/** Reads what happened around an incident; what cannot be read is said, and the rest is told all the same. */
export async function accountOf(
  incident: Incident,
  { facts, calls, told }: AccountDeps,
  { now, signal }: { readonly now: number; readonly signal: AbortSignal },
): Promise<Account> {
  const { from, to } = spanOf(incident, now);
  const neighbours = neighboursOf(incident, calls());
  const fingerprints = incident.members.map(({ fingerprint }) => fingerprint);
  const [seen, said] = await Promise.all([
    facts.happenings({ from, to, services: servicesOf(incident), neighbours, signal }),
    told(fingerprints, { from, to }),
  ]);
  const { entries, isCut } = timelineOf(incident, seen.happenings, said.told);
  return {
    entries,
    neighbours,
    warnings: [
      ...seen.warnings,
      ...(said.isPartial ? ['storage: older notifications could not be read'] : []),
      ...(isCut ? ['the timeline is longer than can be shown: its beginning is left out'] : []),
    ],
  };
}
