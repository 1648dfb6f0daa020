import type { Report } from './contracts.ts';

export const TABS = ['metrics', 'labels', 'pairs', 'targets', 'churn', 'tenants'] as const;
export type Tab = (typeof TABS)[number];

export const TAB_NAMES: Readonly<Record<Tab, string>> = {
  metrics: 'Metrics',
  labels: 'Labels',
  pairs: 'Label values',
  targets: 'Targets',
  churn: 'New series',
  tenants: 'Tenants',
};

/** One line of a list, whatever is counted. */
export interface Row {
  readonly key: string;
  readonly name: string;
  /** The figure the list is sorted by. */
  readonly count: number;
  /** What else there is to say, by column. */
  readonly more: readonly string[];
  /** What the explorer is opened with; null where there is nothing to ask. */
  readonly query: string | null;
}

export interface Columns {
  readonly name: string;
  readonly count: string;
  readonly more: readonly string[];
}

export const COLUMNS: Readonly<Record<Tab, Columns>> = {
  metrics: { name: 'Metric', count: 'Series', more: ['New, 1 h', 'Ended'] },
  labels: { name: 'Label', count: 'Values', more: ['Series', 'Longest value'] },
  pairs: { name: 'Label and value', count: 'Series', more: [] },
  targets: { name: 'Job and instance', count: 'Series', more: ['New, 1 h', 'Ended'] },
  churn: { name: 'Metric', count: 'New, 1 h', more: ['Series', 'Ended'] },
  tenants: { name: 'Tenant', count: 'Series', more: [] },
};

const number = (value: number): string => value.toLocaleString('en');
const quoted = (text: string): string => JSON.stringify(text);

/** A label name that is no identifier stands in quotes, as in Prometheus 3. */
function labelText(name: string): string {
  return /^[a-z_]\w*$/i.test(name) ? name : quoted(name);
}

/** Label values are cut where they are very long; a cut one cannot be asked for exactly. */
function pairQuery(name: string, value: string): string {
  const isCut = /… \(\d+ characters\)$/.test(value);
  return isCut
    ? `count by (__name__) ({${labelText(name)}!=""})`
    : `count by (__name__) ({${labelText(name)}=${quoted(value)}})`;
}

const byTab: Readonly<Record<Tab, (report: Report) => readonly Row[]>> = {
  metrics: ({ metrics }) =>
    metrics.map(({ name, series, fresh, ended }) => ({
      key: name,
      name,
      count: series,
      more: [number(fresh), number(ended)],
      query: `count by (job, instance) ({__name__=${quoted(name)}})`,
    })),
  labels: ({ labels }) =>
    labels.map(({ name, values, series, longest }) => ({
      key: name,
      name,
      count: values,
      more: [number(series), `${number(longest)} characters`],
      query: `topk(50, count by (${labelText(name)}) ({${labelText(name)}!=""}))`,
    })),
  pairs: ({ pairs }) =>
    pairs.map(({ name, value, series }) => ({
      key: `${name}=${value}`,
      name: `${name}="${value}"`,
      count: series,
      more: [],
      query: pairQuery(name, value),
    })),
  targets: ({ targets }) =>
    targets.map(({ job, instance, series, fresh, ended }) => ({
      key: `${job} ${instance}`,
      name:
        job === '' && instance === ''
          ? 'no job and no instance'
          : `${job || 'no job'} · ${instance || 'no instance'}`,
      count: series,
      more: [number(fresh), number(ended)],
      query:
        job === '' && instance === ''
          ? null
          : `topk(50, count by (__name__) ({job=${quoted(job)}, instance=${quoted(instance)}}))`,
    })),
  churn: ({ churning }) =>
    churning.map(({ name, series, fresh, ended }) => ({
      key: name,
      name,
      count: fresh,
      more: [number(series), number(ended)],
      query: `count by (job, instance) ({__name__=${quoted(name)}})`,
    })),
  tenants: ({ tenants }) =>
    tenants.map(({ tenant, series }) => ({
      key: tenant,
      name: tenant,
      count: series,
      more: [],
      query: null,
    })),
};

/** The lines of a list that hold the words. */
export function rowsOf(report: Report, tab: Tab, search: string): readonly Row[] {
  const needle = search.trim().toLowerCase();
  return byTab[tab](report).filter(({ name }) => name.toLowerCase().includes(needle));
}

/** The page's own search parameters; what is not valid is dropped. */
export function validateCardinalitySearch(search: Readonly<Record<string, unknown>>): {
  tab?: Tab | undefined;
  q?: string | undefined;
} {
  const tab = TABS.find((known) => known === search['tab']);
  const q = search['q'];
  return {
    ...(tab === undefined || tab === 'metrics' ? {} : { tab }),
    ...(typeof q === 'string' && q !== '' ? { q: q.slice(0, 200) } : {}),
  };
}
