import { type ErrorGroup, trendOf } from './group.ts';

/** A group that deserves a look at one of its services now. */
export interface StandingError {
  readonly service: string;
  readonly name: string;
  readonly message: string;
  readonly why: 'new' | 'regressed' | 'rising';
  /** Errors of the last five to ten minutes, and as many as there usually are in ten. */
  readonly count: number;
  readonly usual: number;
  /** Epoch ms of the newest one. */
  readonly lastAt: number;
}

const FINE_MS = 300_000;
/** Three hours of five minutes: the last two are now, those before are the past. */
const STEPS = 36;
const NOW_STEPS = 2;
/** A group is news for so long. */
const NEWS_MS = 600_000;
/** After so long without another error a group says nothing more. */
const QUIET_MS = 30_000;
/** One error of a kind nobody has seen is no trouble yet; so many within the news are. */
const NEW_LEAST = 5;
const RISING_LEAST = 20;
const TIMES_USUAL = 5;
/** Less past than this tells nothing of what is usual. */
const PAST_LEAST_MS = 3_600_000;

/**
 * The groups of high or critical severity that are new, that are back, or that rise, by service. What an open circuit
 * breaker refused is none: the breaker itself tells of that, and its owner would be told of for as long as it stays open.
 */
export function standingErrors(groups: readonly ErrorGroup[], now: number): StandingError[] {
  return groups.flatMap((group) => {
    if (now - group.lastSeen >= QUIET_MS) return [];
    if (group.severity !== 'high' && group.severity !== 'critical') return [];
    if (group.type === 'circuit_breaker') return [];
    if (group.state.status !== 'open' && group.state.status !== 'regressed') return [];
    const { count, usual } = countsOf(group, now);
    const why = whyOf(group, { count, usual }, now);
    if (why === null) return [];
    const { name, message, lastSeen } = group;
    return [...group.services.keys()]
      .filter((service) => service !== '' && now - (group.serviceTimes.get(service) ?? lastSeen) < QUIET_MS)
      .map((service) => ({ service, name, message, why, count, usual, lastAt: lastSeen }));
  });
}

function countsOf(group: ErrorGroup, now: number): { readonly count: number; readonly usual: number } {
  const trend = trendOf(group.fine, FINE_MS, STEPS, now);
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const past = Math.min(STEPS - NOW_STEPS, Math.floor((now - group.firstSeen) / FINE_MS));
  return {
    count: sum(trend.slice(-NOW_STEPS)),
    usual: past < 1 ? 0 : Math.ceil((sum(trend.slice(0, -NOW_STEPS)) / past) * NOW_STEPS),
  };
}

function whyOf(
  { state, firstSeen }: ErrorGroup,
  { count, usual }: { readonly count: number; readonly usual: number },
  now: number,
): StandingError['why'] | null {
  if (state.status === 'regressed' && now - state.at < NEWS_MS) return 'regressed';
  if (now - firstSeen < NEWS_MS) return count >= NEW_LEAST ? 'new' : null;
  const rises = count >= RISING_LEAST && count >= usual * TIMES_USUAL;
  return rises && now - firstSeen >= PAST_LEAST_MS ? 'rising' : null;
}
