import { judgeLooks, type Look } from './looks.ts';
import { judgeReport, type Report } from './report.ts';
import type { Signal } from './signal.ts';
import { type Status, worse } from './status.ts';
import { judgeSignals, type Reason, type SourceVerdict } from './verdict.ts';

/**
 * A service's state, as a pure function of what its sources say. docs/health.md has the table.
 *
 *   scrape `up` ──┐
 *   /health poll ─┤
 *   pushed report ┼─> one verdict per source ─> worst known ─> damping ─> state with reasons ─> transition
 *   probes ───────┤   (no worse than its kind     │
 *   traffic, ... ─┘    can make a service)         └─ two that fail to answer at once: unhealthy
 *
 * A source that knows nothing never lowers or raises the state; when no source knows anything, the state is unknown.
 * One failed look degrades; two in a row, or two different sources that fail at once, make unhealthy: a single lost
 * packet pages nobody, a dead process shows within two intervals.
 */
export interface ServiceInputs {
  readonly scrape: readonly Look[];
  readonly poll: readonly Look[];
  readonly report: Report | null;
  readonly signals: readonly Signal[];
}

export interface Judgement {
  readonly status: Status;
  readonly reasons: readonly Reason[];
  readonly sources: readonly SourceVerdict[];
}

/** The worst first: where one line is shown, it is that one. */
const SEVERITY_ORDER: Readonly<Record<Reason['severity'], number>> = { critical: 0, warning: 1, info: 2 };

export function judgeService(inputs: ServiceInputs, now: number): Judgement {
  const sources: SourceVerdict[] = [];
  if (inputs.scrape.length > 0) sources.push(judgeLooks('scrape', inputs.scrape));
  if (inputs.poll.length > 0) sources.push(judgeLooks('poll', inputs.poll));
  if (inputs.report !== null) sources.push(judgeReport(inputs.report, now));
  sources.push(...judgeSignals(inputs.signals));
  const failing = sources.filter((source) => source.failing);
  let status = sources.reduce<Status>((worst, source) => worse(worst, source.status), 'unknown');
  if (failing.length >= 2) status = 'unhealthy';
  const reasons = sources
    .flatMap((source) => source.reasons)
    .sort((a, b) => SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity]);
  if (sources.length === 0)
    reasons.push({
      source: 'scrape',
      severity: 'info',
      message: 'nothing is known: no scrape target, no /health answer, no report',
    });
  return { status, reasons, sources };
}

/** What is remembered of a service between judgements. */
export interface ServiceState {
  readonly status: Status;
  readonly since: number;
  readonly reasons: readonly Reason[];
  /** Wall-clock ms of the changes of the last {@link FLAP_WINDOW_MS}, oldest first. */
  readonly changes: readonly number[];
  /** Since when the judgement is better than the state that is held; null when nothing is held. */
  readonly heldSince: number | null;
  /** The explanations told since the state began, as their keys; null where nothing of that time is remembered. */
  readonly explained: readonly string[] | null;
  /** Wall-clock ms of the last one. */
  readonly explainedAt: number;
}

/** A change of state; or, where both states are the same, of why the service is not well. */
export interface Transition {
  readonly at: number;
  readonly from: Status;
  readonly to: Status;
  readonly reason: string;
  /** The services it suffered from then. */
  readonly causedBy: readonly string[];
}

/** So many changes within {@link FLAP_WINDOW_MS} are flapping: from then on a service must stay well to be called well. */
export const FLAP_CHANGES = 6;
export const FLAP_WINDOW_MS = 600_000;
/** How long a flapping service must be better before its state says so. Getting worse is never held back. */
export const FLAP_HOLD_MS = 60_000;
/** A new explanation of a state is told so long after the one before, so that what adds up in seconds is told once. */
export const EXPLAIN_AFTER_MS = 10_000;
/** Explanations that are told of one state. */
const MOST_EXPLANATIONS = 20;

/** The next state, and the transition when the status changed. The first judgement of a service is a transition from unknown unless it stays unknown. */
export function advance(
  previous: ServiceState | null,
  judged: Judgement,
  now: number,
  causedBy: readonly string[] = [],
): { readonly state: ServiceState; readonly effects: readonly Transition[] } {
  const before = previous?.status ?? 'unknown';
  // A clock that was set back must not make what was done before it last.
  const changes = (previous?.changes ?? []).filter((at) => at > now - FLAP_WINDOW_MS && at <= now);
  const held = previous === null ? null : hold(previous, judged, changes, now);
  if (held !== null) return { state: held, effects: [] };
  if (previous !== null && before === judged.status)
    return explain(
      {
        status: previous.status,
        since: previous.since,
        reasons: judged.reasons,
        changes,
        heldSince: null,
        explained: previous.explained,
        explainedAt: previous.explainedAt,
      },
      judged,
      causedBy,
      now,
    );
  const state: ServiceState = {
    status: judged.status,
    since: now,
    reasons: judged.reasons,
    changes: before === 'unknown' ? changes : [...changes, now],
    heldSince: null,
    explained: [keyOf(judged, causedBy)],
    explainedAt: now,
  };
  if (before === judged.status) return { state, effects: [] };
  return {
    state,
    effects: [{ at: now, from: before, to: judged.status, reason: reasonOf(previous, judged), causedBy }],
  };
}

/** The same state, explained anew when other sources speak or other services are to blame than any time since it began. */
function explain(
  state: ServiceState,
  judged: Judgement,
  causedBy: readonly string[],
  now: number,
): { readonly state: ServiceState; readonly effects: readonly Transition[] } {
  const { status, explained, explainedAt } = state;
  if (status !== 'degraded' && status !== 'unhealthy') return { state, effects: [] };
  const key = keyOf(judged, causedBy);
  if (explained === null) return { state: { ...state, explained: [key], explainedAt: now }, effects: [] };
  const isNew = !explained.includes(key) && explained.length < MOST_EXPLANATIONS;
  const isSoon = now >= explainedAt && now - explainedAt < EXPLAIN_AFTER_MS;
  if (!isNew || isSoon) return { state, effects: [] };
  return {
    state: { ...state, explained: [...explained, key], explainedAt: now },
    effects: [{ at: now, from: status, to: status, reason: reasonOf(state, judged), causedBy }],
  };
}

/** Who speaks, and who is to blame; not the figures, which change all the time. */
function keyOf({ reasons }: Judgement, causedBy: readonly string[]): string {
  const sources = [...new Set(reasons.map(({ source }) => source))].filter((one) => one !== 'damping').sort();
  return JSON.stringify([sources, causedBy]);
}

/** The state that a flapping service keeps although it is better at the moment; null when nothing is to be held. */
function hold(
  previous: ServiceState,
  judged: Judgement,
  changes: readonly number[],
  now: number,
): ServiceState | null {
  const improves =
    judged.status === 'healthy' || (judged.status === 'degraded' && previous.status === 'unhealthy');
  if (!improves || judged.status === previous.status || previous.status === 'unknown') return null;
  if (changes.length < FLAP_CHANGES) return null;
  const heldSince = Math.min(previous.heldSince ?? now, now);
  if (now - heldSince >= FLAP_HOLD_MS) return null;
  const message = `it changed ${changes.length} times in ${FLAP_WINDOW_MS / 60_000} minutes and is ${judged.status} now; called so once that holds for ${FLAP_HOLD_MS / 1000} s`;
  return {
    ...previous,
    reasons: [...judged.reasons, { source: 'damping', severity: 'warning', message }],
    changes,
    heldSince,
  };
}

function reasonOf(previous: ServiceState | null, judged: Judgement): string {
  if (judged.status !== 'healthy') return judged.reasons.map((r) => r.message).join('; ');
  return previous === null ? 'first seen' : 'all sources are well again';
}
