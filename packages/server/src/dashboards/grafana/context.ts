import type { Query } from '../panel-model.ts';
import { isRecord, type Json, record, records, text } from './json.ts';
import type { ImportReport } from './report.ts';

/** What the parts of one import share. */
export interface ImportContext {
  readonly report: ImportReport;
  /** Values of the constants that the file asks for, by name. */
  readonly constants: ReadonlyMap<string, string>;
  /** Kinds of data source that names stand for: `__inputs` and variables of type datasource. */
  readonly sourceKinds: ReadonlyMap<string, string>;
  /** Library panels that came along, by uid. */
  readonly library: Json;
}

/** Gathers what an import needs before its panels: `__inputs`, `__elements`, data source variables. */
export function importContext(
  json: Json,
  inputs: Readonly<Record<string, string>>,
  report: ImportReport,
): ImportContext {
  const constants = new Map<string, string>();
  const sourceKinds = new Map<string, string>();
  for (const input of records(json['__inputs'])) {
    const name = text(input['name']);
    if (input['type'] === 'datasource') sourceKinds.set(name, text(input['pluginId']));
    else if (input['type'] === 'constant')
      constants.set(name, Object.hasOwn(inputs, name) ? (inputs[name] ?? '') : text(input['value']));
  }
  for (const variable of records(record(json['templating'])['list'])) {
    if (variable['type'] === 'datasource') sourceKinds.set(text(variable['name']), text(variable['query']));
  }
  return { report, constants, sourceKinds, library: record(json['__elements']) };
}

/** Puts constants of the file in their places: `${VAR_X}`. */
export function fillIn(from: string, { constants }: ImportContext): string {
  if (constants.size === 0) return from;
  return from.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => constants.get(name) ?? whole);
}

const SOURCES: readonly (readonly [RegExp, Query['source']])[] = [
  [/prometheus|mimir|cortex|thanos|victoriametrics|promxy|amazonprometheus/i, 'metrics'],
  [/loki|victorialogs|elasticsearch|opensearch/i, 'logs'],
  [/tempo|jaeger|zipkin/i, 'traces'],
  [/__expr__/i, 'expression'],
  [/mysql|postgres|mssql|clickhouse|sqlite|bigquery/i, 'sql'],
];
/** Kinds that speak none of the languages that Pharos has or will have. */
const FOREIGN =
  /influx|graphite|opentsdb|cloudwatch|azure|stackdriver|datadog|zabbix|infinity|testdata|googlesheets/i;

/**
 * Which signal a data source reference asks: by its kind, by the variable or input it names, else metrics. Null when it is of
 * another kind altogether.
 */
export function sourceOf(reference: unknown, context: ImportContext): Query['source'] | null {
  const named = isRecord(reference) ? text(reference['type']) || text(reference['uid']) : text(reference);
  const bare = /^\$\{?(\w+)(?::\w+)?\}?$/.exec(named)?.[1] ?? /^\[\[(\w+)\]\]$/.exec(named)?.[1];
  const kind = (bare === undefined ? undefined : context.sourceKinds.get(bare)) ?? named;
  const known = SOURCES.find(([pattern]) => pattern.test(kind))?.[1];
  if (known !== undefined) return known;
  return FOREIGN.test(kind) ? null : 'metrics';
}

/** Whether a reference stands for Grafana's own inventions (annotations, random walk, other panels' results). */
export function isGrafanaItself(reference: unknown): boolean {
  const name = isRecord(reference) ? `${text(reference['uid'])} ${text(reference['type'])}` : text(reference);
  return /-- (Grafana|Dashboard) --|^grafana\b|\bgrafana$|^-100$/.test(name.trim());
}
