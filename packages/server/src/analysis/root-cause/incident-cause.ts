import type { z } from 'zod';
import { iso } from '../../http/times.ts';
import type { AnalysisSources, Scope } from '../sources.ts';
import { readFacts } from './facts.ts';
import { confidenceOf, MOST_SUSPECTS, rankSuspects } from './rank.ts';
import { suspectRenderer } from './root-cause.ts';
import type { incidentCauseAnswer } from './shapes.ts';
import { type IncidentOutline, noSuspectWords, type Suspected, suspicionOf } from './suspicion.ts';

/** An incident whose cause is looked for. Times in epoch ms. */
export interface IncidentQuestion extends IncidentOutline {
  /** Null while it lasts. */
  readonly endedAt: number | null;
  readonly signal: AbortSignal;
}

export type IncidentCause = z.input<typeof incidentCauseAnswer>;

/** A cause is looked for in what was shortly before. */
const BEFORE_MS = 600_000;
const LEAST_WINDOW_S = 300;
const MOST_WINDOW_S = 86_400;
const MINUTE_MS = 60_000;

/** What may be the cause of an incident, and what was not well at that time beside it; each with the reason. */
export async function findIncidentCause(
  sources: AnalysisSources,
  tenant: string,
  incident: IncidentQuestion,
): Promise<IncidentCause> {
  const scope = scopeOf(tenant, incident, sources.clock.now());
  const facts = await readFacts(sources, scope, incident.endedAt === null);
  const suspicion = suspicionOf(rankSuspects(facts), incident);
  const causes = suspicion.causes.slice(0, MOST_SUSPECTS);
  const others = suspicion.others.slice(0, MOST_SUSPECTS);
  const render = suspectRenderer();
  const told = ({ suspect, reason }: Suspected) => ({ ...render(suspect), reason });
  return {
    timestamp: iso(scope.to),
    window: scope.window,
    method: 'statistical',
    confidence: confidenceOf(causes.map(({ suspect }) => suspect)),
    suspects: causes.map(told),
    no_suspect: noSuspectWords(suspicion),
    others: others.map(told),
    warnings: [...facts.warnings],
  };
}

/** The time of an incident and shortly before, to the end of the minute in which it ended; of one that lasted for long, its last day. */
function scopeOf(tenant: string, { startedAt, endedAt, signal }: IncidentQuestion, now: number): Scope {
  const end = Math.ceil((endedAt ?? now) / MINUTE_MS) * MINUTE_MS;
  const seconds = Math.ceil((end - startedAt + BEFORE_MS) / 1000);
  const windowS = Math.min(MOST_WINDOW_S, Math.max(LEAST_WINDOW_S, seconds));
  const to = Math.min(end, now);
  return { tenant, from: to - windowS * 1000, to, window: `${windowS}s`, keep: () => true, signal };
}
