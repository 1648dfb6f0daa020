import { createQueryEngine, formatDuration, type ParserOptions, parseExpr, QueryError } from '@pharos/promql';
import { type Rule, type RuleGroup } from '../definition.ts';
import { rulesErrors } from '../errors.ts';
import { type EvaluationDeps, GroupEvaluation } from '../group-evaluation.ts';
import { createRuleQuery, type RuleQuery } from '../rule-query.ts';
import { freshGroup, type GroupState, type RuleState } from '../state/rule-state.ts';
import type { RulesTelemetry } from '../telemetry.ts';
import { compareAlerts, compareSamples, type Differences, showTexts } from './compare.ts';
import type { AlertTest, ExpectedAlert, ExpressionTest, UnitTest } from './file.ts';
import { UnitTestStore } from './store.ts';

/** What all tests of a file have in common. */
export interface UnitTestSetting {
  readonly path: string;
  readonly groups: readonly RuleGroup[];
  /** Names of rules that cannot be evaluated here, since they ask of log lines. */
  readonly untested: ReadonlySet<string>;
  readonly evaluationMs: number;
  readonly isFuzzy: boolean;
  readonly parser: ParserOptions;
}

/** Something a test found wrong: what was tested in the first lines, what is different below. */
export type UnitTestFailure = readonly string[];

/** Runs one test: evaluates the rules again and again over its series, and compares. */
export async function runUnitTest(
  test: UnitTest,
  setting: UnitTestSetting,
): Promise<readonly UnitTestFailure[]> {
  const unnamed = test.alerts.find(({ alertName }) => alertName === '');
  if (unnamed !== undefined)
    return [titled(test, [`alert_rule_test at ${formatDuration(unnamed.at)}: alertname is missing`])];
  const blind = test.alerts.find(({ alertName }) => setting.untested.has(alertName));
  if (blind !== undefined)
    return [
      titled(test, [
        `alertname: ${blind.alertName}: its rule is LogQL, and a test has no log lines: give what a recording rule counts as a series, and alert on that`,
      ]),
    ];
  const store = new UnitTestStore(test.startMs, test.intervalMs);
  for (const { series, values, line } of test.series) {
    try {
      store.addInput(series, values);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return [titled(test, [`${setting.path}:${line}: series ${JSON.stringify(series)}: ${error.message}`])];
    }
  }
  return await new UnitTestRun(test, setting, store).run();
}

class UnitTestRun {
  readonly #test: UnitTest;
  readonly #setting: UnitTestSetting;
  readonly #store: UnitTestStore;
  readonly #query: RuleQuery;
  readonly #deps: EvaluationDeps;
  readonly #groups: readonly (readonly [RuleGroup, GroupState])[];
  readonly #failures: UnitTestFailure[] = [];

  constructor(test: UnitTest, setting: UnitTestSetting, store: UnitTestStore) {
    this.#test = test;
    this.#setting = setting;
    this.#store = store;
    const { parser, evaluationMs } = setting;
    const engine = createQueryEngine({ options: { ...parser, subqueryStepMs: evaluationMs } });
    this.#query = createRuleQuery(engine, () => store);
    this.#deps = evaluationDeps(test, store, this.#query, parser);
    // Nothing was there before: ALERTS are written from the first evaluation on.
    this.#groups = setting.groups.map((group) => [group, freshGroup(group.rules, true)]);
  }

  async run(): Promise<readonly UnitTestFailure[]> {
    const { alerts, expressions } = this.#test;
    const { evaluationMs } = this.#setting;
    const last = Math.max(0, ...alerts.map(({ at }) => at), ...expressions.map(({ at }) => at));
    const waiting = [...alerts].sort((a, b) => a.at - b.at);
    for (let at = 0; at <= last; at += evaluationMs) {
      this.#store.advanceTo(this.#test.startMs + at);
      if (!(await this.#evaluate(at))) return this.#failures;
      while (waiting[0] !== undefined && waiting[0].at < at + evaluationMs) {
        const [next] = waiting.splice(0, 1);
        if (next !== undefined) this.#checkAlerts(next, at);
      }
    }
    for (const expression of expressions) await this.#checkExpression(expression);
    return this.#failures;
  }

  /** False where a rule failed: what follows would be about something else. */
  async #evaluate(at: number): Promise<boolean> {
    const time = this.#test.startMs + at;
    const failed: UnitTestFailure[] = [];
    for (const [group, state] of this.#groups) {
      await new GroupEvaluation(this.#deps, group, state, {
        at: time,
        offsetMs: group.queryOffsetMs ?? 0,
        intervalMs: this.#setting.evaluationMs,
        now: time,
        signal: NEVER,
      }).run();
      for (const { rule, lastError } of state.rules)
        if (lastError !== null)
          failed.push(
            titled(this.#test, [`rule: ${rule.name}, time: ${formatDuration(at)}, err: ${lastError}`]),
          );
    }
    this.#failures.push(...failed);
    return failed.length === 0;
  }

  #checkAlerts(test: AlertTest, at: number): void {
    const { alertName, expected } = test;
    const rules = this.#groups.flatMap(([, { rules: all }]) =>
      all.filter(({ rule }) => isAlert(rule, alertName)),
    );
    const differences = compareAlerts(expected, rules.flatMap(firing));
    if (differences.length === 0) return;
    this.#fail(`alertname: ${alertName}, time: ${formatDuration(test.at)}`, [
      ...differences,
      ...rules.flatMap((state) => pendingLines(state, this.#test.startMs + at)),
      ...(rules.length === 0 ? [`no rule of the files has an alert called ${alertName}`] : []),
    ]);
  }

  async #checkExpression({ expr, at, expected }: ExpressionTest): Promise<void> {
    const title = `expr: ${JSON.stringify(expr)}, time: ${formatDuration(at)}`;
    try {
      const got = await this.#query({ query: expr }, this.#test.startMs + at, NEVER);
      const differences = compareSamples(expected, got, this.#setting.isFuzzy);
      if (differences.length > 0) this.#fail(title, differences);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#fail(`${title}, err: ${error.message}`, []);
    }
  }

  #fail(title: string, differences: Differences): void {
    this.#failures.push([...titled(this.#test, [title]), ...differences.map((line) => `    ${line}`)]);
  }
}

const NEVER = new AbortController().signal;

function titled({ name }: UnitTest, lines: readonly string[]): readonly string[] {
  return name === '' ? lines : [`name: ${name},`, ...lines];
}

function isAlert(rule: Rule, name: string): boolean {
  return rule.kind === 'alerting' && rule.name === name;
}

function firing({ alerts }: RuleState): readonly ExpectedAlert[] {
  return [...alerts.values()]
    .filter(({ state }) => state === 'firing')
    .map(({ labels, annotations }) => ({ labels: labels.toMap(), annotations }));
}

/** Alerts that would fire later are the usual reason for one that is missing. */
function pendingLines({ alerts }: RuleState, at: number): readonly string[] {
  return [...alerts.values()]
    .filter(({ state }) => state === 'pending')
    .map(
      ({ labels, activeAt }) =>
        `pending:    ${showTexts(labels.toMap())} for ${formatDuration(at - activeAt)}`,
    );
}

const SILENT: RulesTelemetry = {
  evaluated() {},
  failed() {},
  iterated() {},
  missed() {},
  lag() {},
  rejected() {},
  sent() {},
  forget() {},
};

function evaluationDeps(
  { externalLabels, externalUrl }: UnitTest,
  store: UnitTestStore,
  query: RuleQuery,
  parser: ParserOptions,
): EvaluationDeps {
  const atOnce = (): Promise<void> => Promise.resolve();
  return {
    queries: {
      promql: query,
      logql: () => Promise.reject(rulesErrors.make('query', 'there are no log lines')),
    },
    store,
    telemetry: SILENT,
    monotonic: () => 0,
    breathe: atOnce,
    pause: atOnce,
    parse: (text) => {
      try {
        return parseExpr(text, parser);
      } catch (error) {
        if (error instanceof QueryError) return undefined;
        throw error;
      }
    },
    externalUrl: () => externalUrl,
    externalLabels: () => externalLabels,
    send() {},
    failed() {},
    resendMs: 60_000,
  };
}
