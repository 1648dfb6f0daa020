import type { AlertIncident, Suspect } from './contracts.ts';

/** Signs come with the interval of a scrape and of a rule: so much later, a cause may still be seen after what it does. */
const LATE_MS = 60_000;

interface Suspicion {
  /** What may be the cause of an incident, the likeliest first. */
  readonly causes: readonly Suspect[];
  /** What was not well at that time too, but elsewhere, or only after the incident had begun. */
  readonly others: readonly Suspect[];
}

/**
 * Suspects of the time of an incident, by whether they can be its cause: its alerts name them or one that suffers from them,
 * or they name no service at all and the trouble is not younger than the incident.
 */
export function suspicionOf(
  suspects: readonly Suspect[],
  { services, started_at: startedAt }: Pick<AlertIncident, 'services' | 'started_at'>,
): Suspicion {
  const canBe = ({ name, service, affected, since }: Suspect): boolean =>
    services.length > 0
      ? [service === '' ? name : service, ...affected].some((one) => services.includes(one))
      : since === null || Date.parse(since) <= startedAt + LATE_MS;
  return {
    causes: suspects.filter(canBe),
    others: suspects.filter((one) => !canBe(one)),
  };
}
