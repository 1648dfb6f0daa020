import type { Signal } from '../signal.ts';

/** The verdicts on the events of one source. */
export interface JudgedSource {
  /** As the sender calls itself. */
  readonly source: string;
  /** Counts of this minute and the one before it. */
  readonly recent: { readonly events: number; readonly warnings: number; readonly criticals: number };
  /** Epoch ms of the newest event that was judged CRITICAL, and WARNING; null when there was none lately. */
  readonly lastCriticalAt: number | null;
  readonly lastWarningAt: number | null;
  /** Epoch ms of the newest event. */
  readonly lastAt: number;
  /** What was found, newest first. */
  readonly recentIssues: readonly string[];
}

/** The same shares as of failed requests: a source is degraded by few bad events and unhealthy when half of them are bad. */
const CRITICAL_SHARE = 0.05;
const UNHEALTHY_SHARE = 0.5;
/** So few bad events do not make unhealthy, whatever their share. */
const UNHEALTHY_LEAST = 5;
const WARNING_SHARE = 0.25;
const WARNING_LEAST = 10;
/** After so long without another bad event a source is well again, although its last fifteen minutes are not. */
const QUIET_MS = 30_000;
const ISSUE_LENGTH = 160;

/** What the verdicts on its events say of a source at a time. */
export function eventSignal(judged: JudgedSource, now: number): Signal {
  const { recent, lastCriticalAt, lastWarningAt, lastAt } = judged;
  const lasting = (at: number | null): boolean => at !== null && now - at < QUIET_MS;
  const critical = recent.criticals / Math.max(1, recent.events);
  if (lasting(lastCriticalAt) && recent.criticals > 0 && critical >= CRITICAL_SHARE) {
    const all = critical >= UNHEALTHY_SHARE && recent.criticals >= UNHEALTHY_LEAST;
    const message = inWords(judged, 'CRITICAL', recent.criticals, all ? UNHEALTHY_SHARE : CRITICAL_SHARE);
    return { kind: 'events', status: all ? 'unhealthy' : 'degraded', message, at: lastAt };
  }
  const warned = recent.warnings / Math.max(1, recent.events);
  if (lasting(lastWarningAt) && recent.warnings >= WARNING_LEAST && warned >= WARNING_SHARE) {
    const message = inWords(judged, 'WARNING', recent.warnings, WARNING_SHARE);
    return { kind: 'events', status: 'degraded', message, at: lastAt };
  }
  return { kind: 'events', status: 'healthy', message: '', at: lastAt };
}

function inWords(
  { recent, recentIssues }: JudgedSource,
  verdict: string,
  bad: number,
  limit: number,
): string {
  const [issue = ''] = recentIssues;
  const found = issue === '' ? '' : `; last found: ${issue.slice(0, ISSUE_LENGTH)}`;
  return `${bad} of its ${recent.events} events of the last two minutes were judged ${verdict} (limit ${limit * 100} %)${found}`;
}
