import type { Query } from '../panel-model.ts';
import { fillIn, type ImportContext, isGrafanaItself, sourceOf } from './context.ts';
import { isRecord, type Json, number, records, text } from './json.ts';

const FORMATS: Readonly<Record<string, Query['format']>> = {
  time_series: 'series',
  table: 'table',
  heatmap: 'heatmap',
};
const MAX_EXPR = 20_000;
const SOURCE_WORDS: Readonly<Record<Exclude<Query['source'], 'metrics'>, string>> = {
  logs: 'asks for logs',
  traces: 'asks for traces',
  sql: 'is SQL',
  expression: 'computes over other queries on the server',
};

/** The targets of a panel. What no PromQL can answer is kept with its text and named. */
export function queriesOf(panel: Json, context: ImportContext): Query[] {
  const targets = records(panel['targets']).slice(0, 100);
  return targets.flatMap((target, index) => {
    const ref = (text(target['refId'], '', 20) || letters(index)).slice(0, 20);
    return context.report.at(
      `${whereOf(panel)}, query ${ref}`,
      () => queryOf(target, ref, panel, context) ?? [],
    );
  });
}

export function whereOf(panel: Json): string {
  const title = text(panel['title'], '', 80);
  return `panel ${title === '' ? 'without a title' : `"${title}"`} (${text(panel['id'], '?')})`;
}

/** A, B, …, Z, A1, B1, … */
function letters(index: number): string {
  const round = Math.floor(index / 26);
  return `${String.fromCodePoint(65 + (index % 26))}${round === 0 ? '' : round}`;
}

function queryOf(target: Json, ref: string, panel: Json, context: ImportContext): Query | null {
  const reference = namesSource(target['datasource']) ? target['datasource'] : panel['datasource'];
  if (isGrafanaItself(reference)) {
    context.report.lost("it asks Grafana's own data source, which only Grafana has");
    return null;
  }
  const source = sourceOf(reference, context);
  const expr = fillIn(text(target['expr'], '', MAX_EXPR + 1), context);
  if (expr.length > MAX_EXPR) {
    context.report.lost(`the expression is longer than ${MAX_EXPR} characters`);
    return null;
  }
  if (source === null) {
    const kind = isRecord(reference) ? text(reference['type']) : text(reference);
    context.report.lost(`its data source is of the kind "${kind}", which Pharos has not`);
    return null;
  }
  if (source === 'metrics' && expr.trim() === '') return null;
  if (source !== 'metrics') {
    context.report.lost(`it ${SOURCE_WORDS[source]}; its text is kept, but nothing is shown yet`);
  }
  const factor = number(target['intervalFactor']);
  const step = text(target['step'], '', 20);
  const interval = text(target['interval'], '', 50) || (/^\d+$/.test(step) ? `${step}s` : '');
  if (factor !== undefined && factor > 2) context.report.changed(`the resolution 1/${factor} is now full`);
  const kept =
    source === 'metrics'
      ? expr
      : expr || text(target['query']) || text(target['rawSql']) || text(target['expression']);
  return {
    ref,
    source,
    expr: kept,
    legend: legendOf(text(target['legendFormat'], '', 500), context),
    instant: target['instant'] === true && target['range'] !== true,
    format: FORMATS[text(target['format'])] ?? 'series',
    interval: fillIn(interval, context),
    hidden: target['hide'] === true,
    exemplars: target['exemplar'] === true,
  };
}

function namesSource(reference: unknown): boolean {
  return isRecord(reference)
    ? text(reference['type']) + text(reference['uid']) !== ''
    : text(reference) !== '';
}

/** `__auto` is Grafana's word for "name it yourself". */
function legendOf(legend: string, context: ImportContext): string {
  return legend === '__auto' ? '' : fillIn(legend, context);
}
