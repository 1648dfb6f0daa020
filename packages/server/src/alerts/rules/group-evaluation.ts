import type { Expr } from '@pharos/promql';
import { inSlices, type Sliced, visitSliced } from '../../kernel/sliced.ts';
import type { AlertingRule, RecordingRule, Rule, RuleGroup } from './definition.ts';
import { mayRead, metricsRead } from './reads.ts';
import type { RuleQueries } from './rule-query.ts';
import { sourceLink } from './source-link.ts';
import type { Alert, SeenAlert } from './state/alert.ts';
import { alertOf, type ExpansionContext } from './state/alert-labels.ts';
import { evaluateAlerts, type RuleSample, recordedSamples } from './state/evaluate.ts';
import type { GroupState, RuleState } from './state/rule-state.ts';
import { needsSending, type OutgoingAlert, outgoing, sent } from './state/sending.ts';
import { recognised } from './take-over.ts';
import type { RulesTelemetry } from './telemetry.ts';
import { QueryAnswers } from './template/query-answers.ts';
import { type RuleSeriesStore, RuleWriter } from './writer.ts';

export interface EvaluationDeps {
  readonly queries: RuleQueries;
  readonly store: RuleSeriesStore;
  readonly telemetry: RulesTelemetry;
  /** For durations. */
  readonly monotonic: () => number;
  readonly breathe: () => Promise<void>;
  /** Lets others run where rules have taken long enough; before each rule. */
  readonly pause: () => Promise<void>;
  /** Parses what a template queries; undefined for what is no query. */
  readonly parse: (query: string) => Expr | undefined;
  /** Where Pharos is reached, without a slash at its end. */
  readonly externalUrl: () => string;
  readonly externalLabels: () => ReadonlyMap<string, string>;
  /** Takes alerts that fire or are over. Must not fail, and not wait. */
  readonly send: (alerts: readonly OutgoingAlert[]) => void;
  readonly failed: (rule: Rule, reason: string) => void;
  /** An alert that keeps firing is handed on again after so long, in ms. */
  readonly resendMs: number;
}

export interface Moment {
  /** The time the evaluation is for, ms since the Unix epoch. */
  readonly at: number;
  /** How far back queries look from it; what is written has the time of the queries. */
  readonly offsetMs: number;
  readonly intervalMs: number;
  /** The wall clock at the beginning. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** Elements of an answer between two pauses. */
const SLICE = 500;

/**
 * One evaluation of a group: its rules one after the other, so that each may read what those before it have written.
 *
 *     query ─> samples of a recording rule ─────────────────────────┐
 *        └──> templates ─> seen alerts ─> state machine ─> ALERTS ──┴─> writer ─> [commit before somebody reads it, and at the end]
 *                                            └─> handed on
 */
export class GroupEvaluation {
  readonly #deps: EvaluationDeps;
  readonly #group: RuleGroup;
  readonly #state: GroupState;
  readonly #moment: Moment;
  readonly #writer: RuleWriter;
  #samples = 0;

  constructor(deps: EvaluationDeps, group: RuleGroup, state: GroupState, moment: Moment) {
    this.#deps = deps;
    this.#group = group;
    this.#state = state;
    this.#moment = moment;
    this.#writer = new RuleWriter(deps.store);
  }

  /** Changes the state; answers how many samples the rules gave. Rejects only for bugs. */
  async run(): Promise<number> {
    const { signal } = this.#moment;
    for (const state of this.#state.rules) {
      await this.#deps.pause();
      if (signal.aborted) break;
      await this.#evaluate(state);
    }
    await (signal.aborted ? this.#commit() : this.#endGone());
    return this.#samples;
  }

  /** Tells of what was taken over, before anything is asked. Rejects only for bugs. */
  async tell(): Promise<void> {
    for (const state of this.#state.rules)
      if (state.rule.kind === 'alerting') await this.#send(state, state.rule);
  }

  async #evaluate(state: RuleState): Promise<void> {
    const { monotonic, telemetry } = this.#deps;
    const { rule } = state;
    const begun = monotonic();
    try {
      if (mayRead(metricsRead(rule.parsed), this.#writer.unread)) await this.#commit();
      const ask = this.#deps.queries[rule.parsed.language];
      const answer = await ask(rule, this.#written, this.#moment.signal);
      state.answers++;
      const reason =
        rule.kind === 'recording'
          ? await this.#record(state, rule, answer)
          : await this.#alert(state, rule, answer);
      this.#ended(state, reason);
    } catch (error) {
      if (this.#moment.signal.aborted) return;
      this.#ended(state, error instanceof Error ? error.message : String(error));
      // What cannot be seen has not ended: whoever was told that it fires goes on hearing of it.
      if (rule.kind === 'alerting') await this.#send(state, rule);
    } finally {
      state.evaluationMs = monotonic() - begun;
      state.lastEvaluation = this.#moment.now;
      telemetry.evaluated(this.#group, state.evaluationMs / 1000);
    }
  }

  get #written(): number {
    return this.#moment.at - this.#moment.offsetMs;
  }

  #ended(state: RuleState, reason: string | undefined): void {
    state.health = reason === undefined ? 'ok' : 'err';
    state.lastError = reason ?? null;
    if (reason === undefined) return;
    this.#deps.telemetry.failed(this.#group);
    this.#deps.failed(state.rule, reason);
  }

  async #record(
    state: RuleState,
    rule: RecordingRule,
    answer: readonly RuleSample[],
  ): Promise<string | undefined> {
    const outcome = await this.#slowly(recordedSamples(rule, answer, this.#group.limit));
    return outcome.ok ? await this.#write(state, outcome.samples) : outcome.reason;
  }

  #write(state: RuleState, samples: readonly RuleSample[]): Promise<string | undefined> {
    this.#samples += samples.length;
    return this.#slowly(this.#writer.write(state, samples, this.#written));
  }

  /** A rule may have a hundred thousand alerts, and others want to run too. */
  #slowly<T>(work: Sliced<T>): Promise<T> {
    return inSlices(work, this.#deps.breathe);
  }

  async #alert(
    state: RuleState,
    rule: AlertingRule,
    answer: readonly RuleSample[],
  ): Promise<string | undefined> {
    const seen = await this.#seen(rule, answer);
    // What a template asked may have been aborted: then its text says so, and nobody must read it.
    this.#moment.signal.throwIfAborted();
    const outcome = await this.#slowly(
      evaluateAlerts({
        alerts: recognised(state.alerts, seen, this.#deps.externalLabels()),
        seen,
        times: rule,
        at: this.#moment.at,
        limit: this.#group.limit,
        restored: state.restored,
      }),
    );
    state.alerts = outcome.alerts;
    // Also where they cannot be told apart any more: what fires has not ended.
    await this.#send(state, rule);
    return outcome.ok ? await this.#write(state, outcome.samples) : outcome.reason;
  }

  async #seen(rule: AlertingRule, answer: readonly RuleSample[]): Promise<readonly SeenAlert[]> {
    const { externalUrl, externalLabels, breathe } = this.#deps;
    const answers = new QueryAnswers((query) => this.#askTemplate(query));
    const context: ExpansionContext = {
      time: this.#moment.at,
      externalUrl: externalUrl(),
      externalLabels: externalLabels(),
      query: answers.get,
    };
    const seen: SeenAlert[] = [];
    for (const sample of answer) {
      seen.push(await answers.settle(() => alertOf(rule, sample, context)));
      if (seen.length % SLICE === 0) await breathe();
    }
    return seen;
  }

  /** Templates ask at the time of the evaluation, without the offset, as in Prometheus. */
  async #askTemplate(query: string): Promise<readonly RuleSample[]> {
    const expr = this.#deps.parse(query);
    const parsed = expr === undefined ? undefined : ({ language: 'promql', expr } as const);
    if (parsed === undefined || mayRead(metricsRead(parsed), this.#writer.unread)) await this.#commit();
    return await this.#deps.queries.promql({ query, parsed }, this.#moment.at, this.#moment.signal);
  }

  async #send(state: RuleState, rule: AlertingRule): Promise<void> {
    if (state.alerts.size === 0) return;
    const { externalLabels, externalUrl, resendMs, send } = this.#deps;
    const { at, intervalMs } = this.#moment;
    const next = new Map(state.alerts);
    const alerts: OutgoingAlert[] = [];
    const labels = externalLabels();
    let generatorUrl: string | undefined;
    const tell = ([key, alert]: readonly [string, Alert]): void => {
      // What an earlier process told of is told of until there is an answer.
      if (!needsSending(alert, at, resendMs) || (alert.isTakenOver && state.answers > 0)) return;
      generatorUrl ??= externalUrl() + sourceLink(rule);
      const now = sent(alert, at, resendMs, intervalMs);
      next.set(key, now);
      alerts.push(outgoing(now, labels, generatorUrl));
    };
    await this.#slowly(visitSliced(state.alerts, tell));
    if (alerts.length === 0) return;
    state.alerts = next;
    send(alerts);
  }

  /** Commits, with the ends of series of rules that are no longer there; those that cannot be written are tried again. */
  async #endGone(): Promise<void> {
    this.#writer.end(this.#state.ending, this.#written);
    if (await this.#commit()) this.#state.ending = [];
  }

  /** Whether it is written. */
  async #commit(): Promise<boolean> {
    try {
      const { rejected } = await this.#writer.commit();
      for (const { reason, count } of rejected) this.#deps.telemetry.rejected(reason, count);
      return true;
    } catch {
      // The rules whose samples are lost say so themselves.
      this.#deps.telemetry.failed(this.#group);
      return false;
    }
  }
}
