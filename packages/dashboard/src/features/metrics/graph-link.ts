import { parseDuration, type RangeSearch } from '../../time/range.ts';
import { type ExplorerSearch, MAX_QUERIES } from './search.ts';

/** `g0.tab` of a graph; anything else is the table. */
const GRAPH_TABS: ReadonlySet<string> = new Set(['0', 'graph']);

/**
 * The explorer's search of a link in Prometheus' form, `/graph?g0.expr=up&g0.tab=1&g0.range_input=1h&g0.end_input=…`: what stands in
 * `generatorURL` of alerts. Each panel becomes a query; time and view are those of the first.
 */
export function explorerSearchOfGraph(link: URLSearchParams): ExplorerSearch & RangeSearch {
  const queries: string[] = [];
  for (let panel = 0; panel < MAX_QUERIES; panel++) {
    const expr = link.get(`g${panel}.expr`);
    if (expr !== null && expr.trim() !== '') queries.push(expr);
  }
  const tab = link.get('g0.tab');
  return {
    ...(queries.length > 0 && { q: queries }),
    ...(tab !== null && !GRAPH_TABS.has(tab) && { view: 'table' as const }),
    ...timeOf(link),
  };
}

function timeOf(link: URLSearchParams): RangeSearch {
  const range = link.get('g0.range_input') ?? '';
  const seconds = parseDuration(range);
  if (seconds === null) return {};
  const written = link.get('g0.end_input') ?? '';
  // Prometheus writes `2026-01-02 15:04:05`, in UTC.
  const end = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(written) ? written : `${written.replace(' ', 'T')}Z`);
  if (Number.isNaN(end)) return { range };
  return { from: end - seconds * 1000, to: end };
}
