import { labelSet } from '../labels/label-set.ts';
import { matchingRoutes } from '../routes/tree.ts';
import { drawableOf } from '../rules/drawable.ts';
import type { RuleQueries } from '../rules/rule-query.ts';
import { alertOf, type ExpansionContext } from '../rules/state/alert-labels.ts';
import { QueryAnswers } from '../rules/template/query-answers.ts';
import type { TellingWorld } from './audience.ts';
import type { ReadRule } from './written-rule.ts';

/** An alert of a rule as it would be told of now. */
interface PreviewedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly value: number;
  /** Receivers that its labels lead to. */
  readonly receivers: readonly string[];
}

export interface Preview {
  /** Series whose condition holds now. */
  readonly holding: number;
  /** The first of them; where none holds, of those that are compared. */
  readonly alerts: readonly PreviewedAlert[];
}

export interface PreviewDeps {
  readonly queries: RuleQueries;
  readonly externalUrl: string;
  readonly world: TellingWorld;
}

const MOST_SHOWN = 3;

/** What a rule says now, to read its texts by. Rejects with what its query rejects with. */
export async function preview(
  { rule }: ReadRule,
  at: number,
  { queries, externalUrl, world }: PreviewDeps,
  signal: AbortSignal,
): Promise<Preview> {
  const ask = queries[rule.parsed.language];
  const held = await ask(rule, at, signal);
  const shown = held.length > 0 ? held : await ask({ query: drawableOf(rule.parsed).query }, at, signal);
  const answers = new QueryAnswers((text) => queries.promql({ query: text }, at, signal));
  const { externalLabels } = world;
  const context: ExpansionContext = { time: at, externalUrl, externalLabels, query: answers.get };
  const alerts: PreviewedAlert[] = [];
  for (const sample of shown.slice(0, MOST_SHOWN))
    alerts.push(alertAsTold(await answers.settle(() => alertOf(rule, sample, context)), world));
  return { holding: held.length, alerts };
}

function alertAsTold(
  { labels, annotations, value }: ReturnType<typeof alertOf>,
  { root, externalLabels }: TellingWorld,
): PreviewedAlert {
  const whole = labelSet([...externalLabels, ...labels.toMap()]);
  const receivers = matchingRoutes(root, whole).map(({ options }) => options.receiver);
  return { labels: Object.fromEntries(whole), annotations, value, receivers: [...new Set(receivers)] };
}
