import { listed } from '../words.ts';
import type { Suspect } from './suspect.ts';

/** Signs come with the interval of a scrape and of a rule: so much later, a cause may still be seen after what it does. */
const LATE_MS = 60_000;

/** What ties a suspect of the time of an incident to the incident, or parts it from it. */
export const TIES = ['named', 'suffers', 'in_time', 'elsewhere', 'later'] as const;

/** What an incident says of itself to those who look for its cause. */
export interface IncidentOutline {
  /** Its first sign, epoch ms. */
  readonly startedAt: number;
  /** Those that its alerts are about, canonical; empty where they name none. */
  readonly services: readonly string[];
}

export interface Suspected {
  readonly suspect: Suspect;
  /** Why it may be the cause of the incident, or not. */
  readonly reason: { readonly tie: (typeof TIES)[number]; readonly text: string };
}

interface Suspicion {
  /** What may be the cause of the incident, the likeliest first. */
  readonly causes: readonly Suspected[];
  /** What was not well at that time too, but elsewhere, or only after the incident had begun. */
  readonly others: readonly Suspected[];
}

/**
 * Suspects of the time of an incident, by whether they can be its cause: its alerts name them or one that suffers from them,
 * or they name no service at all and the trouble is not younger than the incident. Each part keeps its order.
 */
export function suspicionOf(suspects: readonly Suspect[], incident: IncidentOutline): Suspicion {
  const all = suspects.map((suspect): Suspected => ({ suspect, reason: reasonOf(suspect, incident) }));
  return {
    causes: all.filter(({ reason }) => canBeCause(reason)),
    others: all.filter(({ reason }) => !canBeCause(reason)),
  };
}

/** Why nobody is suspected, as a sentence; empty where somebody is. */
export function noSuspectWords({ causes, others }: Suspicion): string {
  if (causes.length > 0) return '';
  return others.length === 0
    ? 'No suspect: nothing that is measured was out of order at that time.'
    : 'No suspect: what else was out of order began later, or elsewhere.';
}

function canBeCause({ tie }: Suspected['reason']): boolean {
  return tie === 'named' || tie === 'suffers' || tie === 'in_time';
}

function reasonOf(
  { name, service, affected, since }: Suspect,
  { startedAt, services }: IncidentOutline,
): Suspected['reason'] {
  if (services.length === 0)
    return since === null || since <= startedAt + LATE_MS
      ? { tie: 'in_time', text: 'alerts name no service, and it did not begin after the incident' }
      : { tie: 'later', text: 'also not well at that time, but it began after the incident' };
  const own = service === '' ? name : service;
  if (services.includes(own)) return { tie: 'named', text: `alerts are about ${own}` };
  const hit = affected.filter((one) => services.includes(one));
  return hit.length > 0
    ? {
        tie: 'suffers',
        text: `alerts are about ${listed(hit)}, which suffer${hit.length === 1 ? 's' : ''} from it`,
      }
    : {
        tie: 'elsewhere',
        text: 'also not well at that time, but no alert is about it or what suffers from it',
      };
}
