/**
 * A service's state, as a pure function of what its sources say.
 *
 *   scrape `up` ──┐
 *   /health poll ─┼─> one verdict per source ─> worst known ─> state with reasons ─> transition when it changed
 *   pushed report ┘
 *
 * A source that knows nothing never lowers or raises the state; when no source knows anything, the state is unknown.
 * One failed look degrades; two in a row, or two different sources that fail at once, make unhealthy: a single lost
 * packet pages nobody, a dead process shows within two intervals.
 */
export type Status = 'healthy' | 'degraded' | 'unhealthy' | 'unknown';
type SourceKind = 'scrape' | 'poll' | 'report';

/** One target's latest looks, newest state first. */
export interface Look {
  readonly instance: string;
  readonly ok: boolean;
  /** Looks in a row with this outcome, at least 1. */
  readonly inARow: number;
  /** Wall-clock ms of the latest look. */
  readonly at: number;
  readonly error?: string | undefined;
  /** What the service says of itself, for a poll that was answered. */
  readonly says?: { readonly status: Exclude<Status, 'unknown'>; readonly details: string } | undefined;
}

/** A pushed report; `down` of system C counts as unhealthy. */
export interface Report {
  readonly status: 'healthy' | 'degraded' | 'unhealthy' | 'down';
  readonly at: number;
}

export interface ServiceInputs {
  readonly scrape: readonly Look[];
  readonly poll: readonly Look[];
  readonly report: Report | null;
}

interface Reason {
  readonly source: SourceKind;
  readonly severity: 'warning' | 'critical' | 'info';
  readonly message: string;
}

export interface SourceVerdict {
  readonly kind: SourceKind;
  readonly status: Status;
  /** Whether every look of the source fails right now, even if only once. */
  readonly failing: boolean;
  readonly at: number | null;
  readonly reasons: readonly Reason[];
}

export interface Judgement {
  readonly status: Status;
  readonly reasons: readonly Reason[];
  readonly sources: readonly SourceVerdict[];
}

/** A pushed report older than this says nothing any more (SPEC 6). */
export const REPORT_EXPIRY_MS = 90_000;
/** Failed looks in a row that make a target count as down. */
const DOWN_AFTER = 2;

const RANK: Readonly<Record<Status, number>> = { unknown: 0, healthy: 1, degraded: 2, unhealthy: 3 };

/** The worse of two states; unknown gives way to anything known. */
export function worse(a: Status, b: Status): Status {
  return RANK[a] >= RANK[b] ? a : b;
}

export function judgeService(inputs: ServiceInputs, now: number): Judgement {
  const sources: SourceVerdict[] = [];
  if (inputs.scrape.length > 0) sources.push(judgeLooks('scrape', inputs.scrape));
  if (inputs.poll.length > 0) sources.push(judgeLooks('poll', inputs.poll));
  if (inputs.report !== null) sources.push(judgeReport(inputs.report, now));
  const failing = sources.filter((source) => source.failing);
  let status = sources.reduce<Status>((worst, source) => worse(worst, source.status), 'unknown');
  if (failing.length >= 2) status = 'unhealthy';
  const reasons = sources.flatMap((source) => source.reasons);
  if (sources.length === 0)
    reasons.push({
      source: 'scrape',
      severity: 'info',
      message: 'nothing is known: no scrape target, no /health answer, no report',
    });
  return { status, reasons, sources };
}

const WORD: Readonly<Record<'scrape' | 'poll', string>> = { scrape: 'its metrics', poll: '/health' };

function judgeLooks(kind: 'scrape' | 'poll', looks: readonly Look[]): SourceVerdict {
  const down = looks.filter((look) => !look.ok && look.inARow >= DOWN_AFTER);
  const shaky = looks.filter((look) => !look.ok && look.inARow < DOWN_AFTER);
  const reasons: Reason[] = [];
  const of = looks.length === 1 ? '' : ` (${down.length} of ${looks.length} instances)`;
  for (const look of down) {
    reasons.push({
      source: kind,
      severity: 'critical',
      message: `${look.instance} does not answer ${WORD[kind]}${of}: ${look.error ?? 'no reason given'}`,
    });
  }
  for (const look of shaky) {
    reasons.push({
      source: kind,
      severity: 'warning',
      message: `${look.instance} failed to answer ${WORD[kind]} once: ${look.error ?? 'no reason given'}`,
    });
  }
  let status: Status = 'healthy';
  if (down.length === looks.length) status = 'unhealthy';
  else if (down.length + shaky.length > 0) status = 'degraded';
  for (const { instance, ok, says } of looks) {
    if (!ok || says === undefined || says.status === 'healthy') continue;
    // One instance among several that calls itself unhealthy degrades the service; the only one decides.
    status = worse(status, looks.length === 1 ? says.status : 'degraded');
    reasons.push({
      source: kind,
      severity: says.status === 'unhealthy' ? 'critical' : 'warning',
      message: `${instance} says it is ${says.status}${says.details === '' ? '' : `: ${says.details}`}`,
    });
  }
  return {
    kind,
    status,
    failing: looks.every((look) => !look.ok),
    at: Math.max(...looks.map((look) => look.at)),
    reasons,
  };
}

function judgeReport(report: Report, now: number): SourceVerdict {
  const age = now - report.at;
  if (age > REPORT_EXPIRY_MS) {
    const message = `the last pushed report ("${report.status}") is ${Math.round(age / 1000)} s old; reports count for ${REPORT_EXPIRY_MS / 1000} s`;
    return {
      kind: 'report',
      status: 'unknown',
      failing: false,
      at: report.at,
      reasons: [{ source: 'report', severity: 'info', message }],
    };
  }
  const status = report.status === 'down' ? 'unhealthy' : report.status;
  const reasons: Reason[] =
    status === 'healthy'
      ? []
      : [
          {
            source: 'report',
            severity: status === 'unhealthy' ? 'critical' : 'warning',
            message: `it reported itself ${report.status}`,
          },
        ];
  return { kind: 'report', status, failing: status === 'unhealthy', at: report.at, reasons };
}

/** What is remembered of a service between judgements. */
export interface ServiceState {
  readonly status: Status;
  readonly since: number;
  readonly reasons: readonly Reason[];
}

export interface Transition {
  readonly at: number;
  readonly from: Status;
  readonly to: Status;
  readonly reason: string;
}

/** The next state, and the transition when the status changed. The first judgement of a service is a transition from unknown unless it stays unknown. */
export function advance(
  previous: ServiceState | null,
  judged: Judgement,
  now: number,
): { readonly state: ServiceState; readonly effects: readonly Transition[] } {
  const before = previous?.status ?? 'unknown';
  const since = previous === null || before !== judged.status ? now : previous.since;
  const state: ServiceState = { status: judged.status, since, reasons: judged.reasons };
  if (before === judged.status) return { state, effects: [] };
  const reason =
    judged.status === 'healthy'
      ? 'all sources are well again'
      : judged.reasons.map((r) => r.message).join('; ');
  return {
    state,
    effects: [
      {
        at: now,
        from: before,
        to: judged.status,
        reason: previous === null && judged.status === 'healthy' ? 'first seen' : reason,
      },
    ],
  };
}
