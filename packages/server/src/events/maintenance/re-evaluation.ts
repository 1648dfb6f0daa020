import type { Counter } from 'prom-client';
import { z } from 'zod';
import type { StateKind, StateStore } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { eventsErrors } from '../errors.ts';
import { DECISIONS, isObject, type JsonObject, type JudgedEvent, STATUSES } from '../event.ts';
import type { RuleSet } from '../rule-set.ts';
import type { EventReader } from '../store/reader.ts';
import type { StoredEvent } from '../store/stored-event.ts';
import type { Verdict } from '../verdict.ts';

const verdictShape = z.object({
  status: z.enum(STATUSES),
  severity_score: z.number(),
  decision: z.enum(DECISIONS),
  rules: z.array(z.string()),
});

/** What judging again has found. */
export const reEvaluation = z.object({
  timestamp: z.string(),
  trigger: z.enum(['request', 'rules']).describe('Whether it was asked for, or a rule has changed.'),
  lookback_minutes: z.number(),
  rule_version: z.number(),
  evaluated: z.number(),
  changed: z.number(),
  unchanged: z.number(),
  transitions: z.array(z.object({ from: z.enum(STATUSES), to: z.enum(STATUSES), count: z.number() })),
  changes: z
    .array(
      z.object({
        id: z.string(),
        timestamp: z.string(),
        source: z.string(),
        event_type: z.string(),
        before: verdictShape,
        after: verdictShape,
      }),
    )
    .describe('The newest ones, at most 100.'),
  truncated: z.boolean().describe('Older events of the window were left out because there were too many.'),
  warnings: z.array(z.string()),
});
export type ReEvaluation = z.output<typeof reEvaluation>;

const lastKind: StateKind<ReEvaluation> = { name: 'events.re_evaluation', version: 1, schema: reEvaluation };

export interface ReEvaluatorDeps {
  readonly reader: Pick<EventReader, 'walk'>;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly setOf: (tenant: string) => RuleSet;
  readonly counted: Counter;
}

const MOST_EVENTS = 200_000;
const MOST_CHANGES = 100;
/** After a change of rules: others may follow at once. */
const SETTLE_MS = 2000;
const LOOKBACK_AFTER_CHANGE = 60;
const MINUTE_MS = 60_000;

/** Judges stored events again under the rules of today. The verdicts that were given stay what they were. */
export class ReEvaluator {
  readonly #deps: ReEvaluatorDeps;
  readonly #running = new Set<string>();
  readonly #due = new Map<string, Timer>();

  constructor(deps: ReEvaluatorDeps) {
    this.#deps = deps;
  }

  /** The rules of a tenant have changed: it runs by itself in a moment. */
  rulesChanged(tenant: string): void {
    this.#due.get(tenant)?.cancel();
    const timer = this.#deps.clock.after(SETTLE_MS, () => {
      this.#due.delete(tenant);
      // The one that runs has begun under the rules of before.
      if (this.#running.has(tenant)) {
        this.rulesChanged(tenant);
        return;
      }
      this.run(tenant, LOOKBACK_AFTER_CHANGE, 'rules').catch((error: unknown) => {
        this.#deps.log.warn({ err: error, tenant }, 'events were not judged again after a change of rules');
      });
    });
    this.#due.set(tenant, timer);
  }

  stop(): void {
    for (const timer of this.#due.values()) timer.cancel();
    this.#due.clear();
  }

  /** What the last run found. */
  last(tenant: string): ReEvaluation | undefined {
    return this.#deps.state.get(lastKind, tenant, 'last')?.value;
  }

  /** Rejects with `events.running` while one runs. */
  async run(
    tenant: string,
    lookbackMinutes: number,
    trigger: ReEvaluation['trigger'],
  ): Promise<ReEvaluation> {
    if (this.#running.has(tenant))
      throw eventsErrors.make('running', 'the events of this tenant are being judged again already');
    this.#running.add(tenant);
    try {
      const made = await this.#judgeAgain(tenant, lookbackMinutes, trigger);
      await this.#deps.state.put(lastKind, tenant, 'last', made);
      return made;
    } finally {
      this.#running.delete(tenant);
    }
  }

  async #judgeAgain(
    tenant: string,
    lookbackMinutes: number,
    trigger: ReEvaluation['trigger'],
  ): Promise<ReEvaluation> {
    const { reader, clock, setOf, counted } = this.#deps;
    const now = clock.now();
    const rules = setOf(tenant);
    const changes = new Changes();
    const { visited, more, warnings } = await reader.walk(
      tenant,
      { from: now - lookbackMinutes * MINUTE_MS },
      { most: MOST_EVENTS },
      (event) => {
        if (event.ruleVersion !== rules.version)
          changes.compare(event, rules.judge(judgedOf(event), event.baseline));
      },
    );
    counted.inc({ result: 'changed' }, changes.count);
    counted.inc({ result: 'unchanged' }, visited - changes.count);
    return {
      timestamp: new Date(now).toISOString(),
      trigger,
      lookback_minutes: lookbackMinutes,
      rule_version: rules.version,
      evaluated: visited,
      changed: changes.count,
      unchanged: visited - changes.count,
      transitions: changes.transitions(),
      changes: [...changes.newest],
      truncated: more,
      warnings: [...warnings],
    };
  }
}

/** Verdicts that differ from those that were given. */
export class Changes {
  count = 0;
  readonly newest: ReEvaluation['changes'] = [];
  readonly #transitions = new Map<string, ReEvaluation['transitions'][number]>();

  compare(event: StoredEvent, after: Verdict): void {
    const rules = [...new Set(after.findings.map(({ rule }) => rule))];
    const same =
      event.status === after.status &&
      event.score === after.score &&
      event.decision === after.decision &&
      event.rules.join() === rules.join();
    if (same) return;
    this.count++;
    const key = `${event.status} ${after.status}`;
    const transition = this.#transitions.get(key) ?? { from: event.status, to: after.status, count: 0 };
    transition.count++;
    this.#transitions.set(key, transition);
    if (this.newest.length >= MOST_CHANGES) return;
    this.newest.push({
      id: event.id,
      timestamp: new Date(event.at).toISOString(),
      source: event.source,
      event_type: event.eventType,
      before: {
        status: event.status,
        severity_score: event.score,
        decision: event.decision,
        rules: [...event.rules],
      },
      after: { status: after.status, severity_score: after.score, decision: after.decision, rules },
    });
  }

  transitions(): ReEvaluation['transitions'] {
    return [...this.#transitions.values()].sort((a, b) => b.count - a.count);
  }
}

/** A stored event as rules see it. */
export function judgedOf(event: StoredEvent): JudgedEvent {
  return {
    source: event.source,
    eventType: event.eventType,
    data: objectOf(event.data),
    metadata: objectOf(event.metadata),
  };
}

function objectOf(json: string): JsonObject {
  const value: unknown = JSON.parse(json);
  return isObject(value) ? value : {};
}
