import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { request } from '../../api/client.ts';
import { pastHealthSchema, type Status } from '../../api/contracts.ts';
import { useHealth } from '../../api/queries.ts';
import { useLive } from '../../live/provider.tsx';
import { refreshMillis, type TimeRange } from '../../time/range.ts';
import { rangeKey } from '../../time/use-range.ts';
import { type Steps, stepsSchema, topologySchema } from './contracts.ts';
import { type MapModel, modelOf } from './model.ts';
import { earlier, type Moment, momentKey, momentOf, paramsOf, refreshOf } from './moment.ts';
import type { Comparison, TopologySearch } from './search.ts';

function askTopology(moment: Moment, signal: AbortSignal) {
  return request('api/v1/topology', topologySchema, { signal, params: paramsOf(moment) });
}

/** The graph of the shown time; while another time is asked for, the one before stays in sight. */
function useGraph(moment: Moment) {
  const { paused } = useLive();
  return useQuery({
    queryKey: ['topology', momentKey(moment)],
    queryFn: ({ signal }) => askTopology(moment, signal),
    refetchInterval: paused ? false : refreshOf(moment, Date.now()),
    placeholderData: (previous) => previous,
  });
}

/** That of an earlier time; the past is asked for once, and one that moves with now again every minute. */
function useEarlier(moment: Moment, by: Comparison | undefined) {
  const { paused } = useLive();
  return useQuery({
    enabled: by !== undefined,
    queryKey: ['topology', 'earlier', momentKey(moment), by],
    queryFn: ({ signal }) => askTopology(earlier(moment, by ?? 'before', Date.now()), signal),
    refetchInterval: paused || moment.kind === 'past' ? false : 60_000,
  });
}

/** How the services were in a time that is past. */
function usePastHealth(moment: Moment) {
  const { paused } = useLive();
  return useQuery({
    enabled: moment.kind === 'past',
    queryKey: ['health', 'past', momentKey(moment)],
    queryFn: ({ signal }) =>
      request('api/health/past', pastHealthSchema, { signal, params: paramsOf(moment) }),
    refetchInterval: paused ? false : refreshOf(moment, Date.now()),
  });
}

/** The map of the shown time: the graph, what it is compared with, and how the services were then. */
export function useTopology(range: TimeRange, search: TopologySearch) {
  const moment = momentOf(range, search);
  const graph = useGraph(moment);
  const before = useEarlier(moment, search.compare);
  const health = useHealth();
  const past = usePastHealth(moment);
  const isNow = moment.kind === 'now';
  const model = useMemo<MapModel | undefined>(() => {
    if (graph.data === undefined) return undefined;
    const known = isNow ? health.data : past.data;
    const states = new Map<string, Status>(
      known?.services.map(({ name, status }) => [name, status] as const),
    );
    const then = search.compare === undefined ? undefined : before.data;
    return modelOf(graph.data, then, states);
  }, [graph.data, before.data, health.data, past.data, isNow, search.compare]);
  return { graph, before, model };
}

/** Which calls: those of a service, to a node, along one edge, or all. */
export interface Between {
  readonly source?: string | undefined;
  readonly target?: string | undefined;
}

/** How calls went over the page's time range. */
export function useSteps(range: TimeRange, { source, target }: Between) {
  const { paused } = useLive();
  const moment = momentOf(range, {});
  const key = [source ?? '', target ?? ''].join('\n');
  return useQuery({
    queryKey: ['topology-steps', key, rangeKey(range)],
    queryFn: ({ signal }) =>
      request('api/v1/topology/steps', stepsSchema, {
        signal,
        params: { ...paramsOf(moment), source, target },
      }),
    refetchInterval: paused ? false : refreshMillis(range) && Math.max(10_000, Number(refreshMillis(range))),
    placeholderData: (previous, query) => (query?.queryKey[1] === key ? previous : undefined),
  });
}

/** One value for each step of the range, from its start; `empty` where there were no calls. */
export function valuesOf(
  { start, end, step, points }: Steps,
  pick: (point: Steps['points'][number]) => number | null,
  empty: number | null,
): (number | null)[] {
  const count = Math.max(1, Math.ceil((end - start) / step));
  const values = Array.from({ length: count }, () => empty);
  for (const point of points) {
    const place = Math.round((point.at - start) / step);
    if (place >= 0 && place < count) values[place] = pick(point);
  }
  return values;
}
