import { Labels } from '@pharos/promql';
import { inSlices } from '../../kernel/sliced.ts';
import { alertErrors } from '../errors.ts';
import type { AlertingRule } from '../rules/definition.ts';
import { drawableOf } from '../rules/drawable.ts';
import type { Alert, SeenAlert } from '../rules/state/alert.ts';
import { alertOf, type ExpansionContext } from '../rules/state/alert-labels.ts';
import { evaluateAlerts, type RuleSample } from '../rules/state/evaluate.ts';
import { QueryAnswers } from '../rules/template/query-answers.ts';
import type { RuleTemplate } from '../rules/template/rule-template.ts';
import type { Evaluation } from './evaluations.ts';
import type { Spell } from './spell.ts';

export interface ReplayDeps {
  readonly externalUrl: string;
  readonly externalLabels: ReadonlyMap<string, string>;
  /** What a query of a template answers at a time (ms). */
  readonly instant: (query: string, time: number) => Promise<readonly RuleSample[]>;
  /** To be waited for now and then: lets others run. */
  readonly pause: () => Promise<void>;
  readonly breathe: () => Promise<void>;
}

/** What a rule would have done. */
export interface Replay {
  readonly spells: readonly Spell[];
  readonly evaluations: number;
  /** Evaluations that would have failed, and the first of them. */
  readonly failed: {
    readonly count: number;
    readonly first: { readonly at: number; readonly reason: string } | null;
  };
}

/** Elements of one answer between two pauses. */
const SLICE = 500;
/** Alerts of all evaluations together that are followed; each costs a microsecond. */
const MOST_SEEN = 5_000_000;
/** Beginnings that are remembered. */
const MOST_SPELLS = 20_000;
/** Firings whose annotations are filled in. */
const MOST_ANNOTATED = 1000;
/** Queries that templates ask; each is one of its own. */
const MOST_ASKED = 1000;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
const NO_TEMPLATES: ReadonlyMap<string, RuleTemplate> = new Map();

/**
 * Runs the state machine of a live rule over the answers that its query had.
 *
 *     answers ─> labels of alerts ─> evaluateAlerts, as in a group's evaluation ─> what began, fired and ended
 */
export class Replayer {
  readonly #rule: AlertingRule;
  readonly #limit: number;
  readonly #deps: ReplayDeps;
  readonly #labels: AlertLabels;
  readonly #isWorse: (value: number, than: number) => boolean;
  readonly #spells: Mutable<Spell>[] = [];
  readonly #open = new Map<string, Mutable<Spell>>();
  #alerts: ReadonlyMap<string, Alert> = new Map();
  #answers: QueryAnswers;
  #evaluations = 0;
  #seen = 0;
  #asked = 0;
  #annotated = 0;
  #failures = 0;
  #firstFailure: { readonly at: number; readonly reason: string } | null = null;

  /** `limit` is the group's: most alerts of one evaluation, 0 for none. */
  constructor(rule: AlertingRule, limit: number, deps: ReplayDeps) {
    this.#rule = rule;
    this.#limit = limit;
    this.#deps = deps;
    this.#labels = new AlertLabels(rule);
    const op = drawableOf(rule.parsed).threshold?.op;
    this.#isWorse = op === '<' || op === '<=' ? (value, than) => value < than : (value, than) => value > than;
    this.#answers = this.#answersAt(0);
  }

  /** Rejects with `backTest` where it is more than anybody could look at, and with what the evaluations reject with. */
  async run(evaluated: AsyncIterable<Evaluation>): Promise<Replay> {
    for await (const evaluation of evaluated) {
      await this.#deps.pause();
      this.#evaluations++;
      if ('reason' in evaluation) this.#fail(evaluation.at, evaluation.reason);
      else await this.#evaluate(evaluation.at, evaluation.answer);
    }
    const failed = { count: this.#failures, first: this.#firstFailure };
    return { spells: this.#spells, evaluations: this.#evaluations, failed };
  }

  async #evaluate(at: number, answer: readonly RuleSample[]): Promise<void> {
    if (answer.length === 0 && this.#alerts.size === 0) return;
    if ((this.#seen += answer.length) > MOST_SEEN)
      throw tooMuch(`its condition holds for more than ${MOST_SEEN} evaluations of all its series`);
    const seen = await this.#seenOf(at, answer);
    const outcome = await inSlices(
      evaluateAlerts({
        alerts: this.#alerts,
        seen,
        times: this.#rule,
        at,
        limit: this.#limit,
        // No series tell of it.
        restored: false,
      }),
      this.#deps.breathe,
    );
    this.#alerts = outcome.alerts;
    if (!outcome.ok) this.#fail(at, outcome.reason);
    await this.#follow(at, { seen, answer });
  }

  #fail(at: number, reason: string): void {
    this.#failures++;
    this.#firstFailure ??= { at, reason };
  }

  async #seenOf(at: number, answer: readonly RuleSample[]): Promise<readonly SeenAlert[]> {
    if (this.#labels.mayAsk) this.#answers = this.#answersAt(at);
    const context = this.#contextAt(at);
    const seen: SeenAlert[] = [];
    for (const sample of answer) {
      const labels =
        this.#labels.known(sample) ?? (await this.#answers.settle(() => this.#labels.make(sample, context)));
      seen.push({
        labels,
        annotations: NO_ANNOTATIONS,
        value: sample.histogram === undefined ? sample.value : 0,
      });
      if (seen.length % SLICE === 0) await this.#deps.pause();
    }
    this.#checkAsked();
    return seen;
  }

  #contextAt(at: number): ExpansionContext {
    const { externalUrl, externalLabels } = this.#deps;
    return { time: at, externalUrl, externalLabels, query: this.#answers.get };
  }

  #answersAt(at: number): QueryAnswers {
    return new QueryAnswers((query) => {
      this.#asked++;
      this.#checkAsked();
      return this.#deps.instant(query, at);
    });
  }

  /** Within a template it would only be a text. */
  #checkAsked(): void {
    if (this.#asked > MOST_ASKED)
      throw tooMuch(`its labels and annotations ask more than ${MOST_ASKED} queries of their own`);
  }

  /** What became of alerts in an evaluation. */
  async #follow(at: number, evaluated: Evaluated): Promise<void> {
    let sources: ReadonlyMap<string, RuleSample> | null = null;
    const sourceOf = (key: string): RuleSample | undefined => (sources ??= sourcesOf(evaluated)).get(key);
    for (const [key, alert] of this.#alerts) {
      if (alert.state === 'inactive') {
        this.#close(key, alert.resolvedAt ?? at);
        continue;
      }
      const spell = this.#open.get(key) ?? this.#begin(key, alert, sourceOf(key));
      if (this.#isWorse(alert.value, spell.peak)) spell.peak = alert.value;
      if (alert.state !== 'firing' || spell.firedAt !== null) continue;
      spell.firedAt = alert.firedAt ?? at;
      spell.value = alert.value;
      const source = sourceOf(key);
      if (source !== undefined && this.#annotated++ < MOST_ANNOTATED)
        spell.annotations = await this.#annotationsOf(source, at);
    }
    // Of a group whose limit was exceeded all alerts are forgotten.
    for (const key of this.#open.keys()) if (!this.#alerts.has(key)) this.#close(key, at);
  }

  #begin(key: string, { labels, activeAt, value }: Alert, source: RuleSample | undefined): Mutable<Spell> {
    if (this.#spells.length >= MOST_SPELLS)
      throw tooMuch(`its condition begins to hold more than ${MOST_SPELLS} times`);
    const spell: Mutable<Spell> = {
      labels,
      source: source?.labels.dropMetricName() ?? Labels.EMPTY,
      activeAt,
      firedAt: null,
      endedAt: null,
      isCut: this.#evaluations === 1,
      value,
      peak: value,
      annotations: NO_ANNOTATIONS,
    };
    this.#spells.push(spell);
    this.#open.set(key, spell);
    return spell;
  }

  #close(key: string, at: number): void {
    const spell = this.#open.get(key);
    if (spell === undefined) return;
    spell.endedAt = at;
    this.#open.delete(key);
  }

  async #annotationsOf(source: RuleSample, at: number): Promise<ReadonlyMap<string, string>> {
    if (this.#rule.annotationTemplates.size === 0) return NO_ANNOTATIONS;
    this.#answers = this.#answersAt(at);
    const context = this.#contextAt(at);
    const { annotations } = await this.#answers.settle(() => alertOf(this.#rule, source, context));
    this.#checkAsked();
    return annotations;
  }
}

const NO_ANNOTATIONS: ReadonlyMap<string, string> = new Map();

interface Evaluated {
  readonly seen: readonly SeenAlert[];
  readonly answer: readonly RuleSample[];
}

function sourcesOf({ seen, answer }: Evaluated): ReadonlyMap<string, RuleSample> {
  const sources = new Map<string, RuleSample>();
  seen.forEach(({ labels }, i) => {
    const sample = answer[i];
    if (sample !== undefined) sources.set(labels.key, sample);
  });
  return sources;
}

function tooMuch(what: string): Error {
  return alertErrors.make('backTest', `${what} in this time: shorten it, or make the rule say less`);
}

/** The labels of a rule's alerts: as a rule follow from the series alone, and are made once for each. */
class AlertLabels {
  /** Whether a template may ask a query of its own. */
  readonly mayAsk: boolean;
  readonly #rule: AlertingRule;
  readonly #isFixed: boolean;
  readonly #known = new Map<string, Labels>();

  constructor(rule: AlertingRule) {
    this.#rule = { ...rule, annotationTemplates: NO_TEMPLATES };
    const templates = [...rule.labelTemplates.values()].filter(({ isConstant }) => !isConstant);
    this.#isFixed = templates.length === 0;
    this.mayAsk = templates.some(({ text }) => text.includes('query'));
  }

  known({ labels }: RuleSample): Labels | undefined {
    return this.#isFixed ? this.#known.get(labels.key) : undefined;
  }

  make(sample: RuleSample, context: ExpansionContext): Labels {
    const { labels } = alertOf(this.#rule, sample, context);
    if (this.#isFixed) this.#known.set(sample.labels.key, labels);
    return labels;
  }
}
