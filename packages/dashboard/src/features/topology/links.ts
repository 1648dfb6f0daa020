import type { TimeRange } from '../../time/range.ts';
import { momentOf } from './moment.ts';
import type { TopologySearch } from './search.ts';

const quoted = (text: string): string => JSON.stringify(text);

/** The shown time as search parameters of another page: the time range as it is, or the moment in the past. */
export function timeOf(range: TimeRange, search: TopologySearch) {
  const moment = momentOf(range, { at: search.at, width: search.width });
  return moment.kind === 'now' || search.at === undefined
    ? {}
    : { range: undefined, from: moment.from, to: moment.to };
}

/** LogQL: all lines of one or two services. */
export function logsOf(services: readonly string[]): string {
  const [first = ''] = services;
  if (services.length === 1) return `{service_name=${quoted(first)}}`;
  const pattern = services.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
  return `{service_name=~${quoted(pattern)}}`;
}
