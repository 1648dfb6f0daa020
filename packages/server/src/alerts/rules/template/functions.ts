import {
  CORE_FUNCTIONS,
  encodeQuery,
  fixed,
  TemplateError,
  type TemplateFunction,
  type Value,
  variadic,
} from '@pharos/gotemplate';
import { parseDuration, QueryError } from '@pharos/promql';
import { stripDomain, stripPort } from './host-port.ts';
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
} from './humanize.ts';
import { durationOf, numberOf, timeOf } from './numbers.ts';
import { matchesPattern, replacePattern } from './patterns.ts';
import { firstOf, labelOf, sortedByLabel, valueOf } from './query-result.ts';

/** What the functions of a rule's templates may ask for. */
export interface RuleTemplateContext {
  /** Of the evaluation, ms since the Unix epoch. */
  readonly time: number;
  /** Where Pharos is reached, without a slash at its end. */
  readonly externalUrl: string;
  /** The result of a query at the time of the evaluation. Throws `Unanswered` where it was not asked yet. */
  readonly query: (text: string) => Value;
}

type RuleFunction = TemplateFunction<RuleTemplateContext>;

const QUERIES: Readonly<Record<string, RuleFunction>> = {
  query: fixed<RuleTemplateContext>(1, (args, { query }) => query(args.text(0))),
  first: fixed(1, (args) => firstOf(args)),
  label: fixed(2, (args) => labelOf(args, 1, args.text(0))),
  value: fixed(1, (args) => valueOf(args)),
  strvalue: fixed(1, (args) => labelOf(args, 0, '__value__')),
  sortByLabel: fixed(2, (args, { budget }) => sortedByLabel(args, budget)),
};

const NUMBERS: Readonly<Record<string, RuleFunction>> = {
  humanize: fixed(1, (args) => humanize(numberOf(args.at(0)))),
  humanize1024: fixed(1, (args) => humanize1024(numberOf(args.at(0)))),
  humanizeDuration: fixed(1, (args) => humanizeDuration(numberOf(args.at(0)))),
  humanizePercentage: fixed(1, (args) => humanizePercentage(numberOf(args.at(0)))),
  humanizeTimestamp: fixed(1, (args) => humanizeTimestamp(numberOf(args.at(0)))),
  toTime: fixed(1, (args) => timeOf(numberOf(args.at(0)))),
  toDuration: fixed(1, (args) => durationOf(numberOf(args.at(0)))),
  now: fixed<RuleTemplateContext>(0, (_args, { time }) => time / 1000),
  parseDuration: fixed(1, (args) => secondsOf(args.text(0))),
};

const TEXTS: Readonly<Record<string, RuleFunction>> = {
  title: fixed(1, (args) =>
    args.text(0).replace(/(?<![\p{L}\p{Nd}_'])\p{L}/gu, (char) => char.toUpperCase()),
  ),
  toUpper: fixed(1, (args) => args.text(0).toUpperCase()),
  toLower: fixed(1, (args) => args.text(0).toLowerCase()),
  match: fixed(2, (args) => matchesPattern(args.text(0), args.text(1))),
  reReplaceAll: fixed(3, (args, { budget }) => replacePattern(args, budget)),
  stripPort: fixed(1, (args) => stripPort(args.text(0))),
  stripDomain: fixed(1, (args) => stripDomain(args.text(0))),
  graphLink: fixed(1, (args) => graphLink(args.text(0))),
  tableLink: fixed(1, (args) => tableLink(args.text(0))),
  urlQueryEscape: fixed(1, (args) => encodeQuery(args.text(0))),
  safeHtml: fixed(1, (args) => args.text(0)),
  pathPrefix: fixed<RuleTemplateContext>(0, (_args, { externalUrl }) => pathOf(externalUrl)),
  externalURL: fixed<RuleTemplateContext>(0, (_args, { externalUrl }) => externalUrl),
  args: variadic(
    0,
    (args) => new Map<string, Value>(args.values.map((value, i): [string, Value] => [`arg${i}`, value])),
  ),
};

/** What every Go template has. `fromJson` and `default` are Loki's own. */
const GO_FUNCTIONS = Object.entries(CORE_FUNCTIONS).filter(
  ([name]) => name !== 'fromJson' && name !== 'default',
);

/** Every function of a rule's templates, by name, as Prometheus has them. */
export const RULE_FUNCTIONS: ReadonlyMap<string, RuleFunction> = new Map<string, RuleFunction>([
  ...GO_FUNCTIONS,
  ...Object.entries(QUERIES),
  ...Object.entries(NUMBERS),
  ...Object.entries(TEXTS),
]);

/** The page of an expression's graph, below the external URL. */
function graphLink(expression: string): string {
  return `/graph?g0.expr=${encodeQuery(expression)}&g0.tab=0`;
}

/** The page of an expression's values now, below the external URL: where an alert says it comes from. */
export function tableLink(expression: string): string {
  return `/graph?g0.expr=${encodeQuery(expression)}&g0.tab=1`;
}

function pathOf(url: string): string {
  try {
    return new URL(url).pathname.replace(/\/$/, '');
  } catch {
    return '';
  }
}

function secondsOf(text: string): number {
  try {
    return parseDuration(text) / 1000;
  } catch (error) {
    if (error instanceof QueryError) throw new TemplateError(error.message);
    throw error;
  }
}
