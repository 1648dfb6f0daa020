import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Frame, rowOf, seriesName } from '../../../api/frame.ts';
import { useAnnotations } from '../../../api/queries.ts';
import { askFrame } from '../../../api/query-client.ts';
import { boundsOf, type TimeRange } from '../../../time/range.ts';
import { rangeKey } from '../../../time/use-range.ts';
import type { Marker } from '../../../ui/chart/plot.ts';
import type { Dashboard } from '../model.ts';
import { fillQuery, fillText, type Values } from '../vars/interpolate.ts';
import { builtIns, seconds, stepFor } from '../vars/steps.ts';

const MAX_MARKERS = 200;
const MAX_SERIES = 20;

/** Each run of instants at which a series is there and not zero, as one marker. */
function markersOf(frame: Frame, step: number, title: string, name: string): Marker[] {
  return frame.names.flatMap((_, row) => {
    const found: { at: number; until: number; kind: 'annotation'; label: string }[] = [];
    const label = title === '' ? name : seriesName(frame.labels[row] ?? {}, title);
    rowOf(frame, row).forEach((value, index) => {
      if (Number.isNaN(value) || value === 0) return;
      const at = (frame.times[index] ?? 0) * 1000;
      const last = found.at(-1);
      if (last !== undefined && at - last.until <= step * 1000) last.until = at;
      else found.push({ at, until: at, kind: 'annotation', label });
    });
    return found;
  });
}

/** What the dashboard marks on its charts: deployments and notes by their tags, and the answers of annotation queries. */
export function useDashboardMarkers(
  annotations: Dashboard['annotations'],
  values: Values,
  range: TimeRange,
): readonly Marker[] {
  const { data } = useAnnotations();
  const asked = annotations.filter(({ enabled, kind, expr }) => enabled && kind === 'query' && expr !== '');
  const bounds = boundsOf(range, 0);
  const span = (bounds.to - bounds.from) / 1000;
  const plans = asked.map(({ expr, step, title, name }) => {
    const every = Math.max(stepFor(span, 300, 10), seconds(step) ?? 0);
    const known: Values = new Map([...builtIns(every, bounds.from, bounds.to), ...values]);
    return { every, name, title: fillText(title, known), expr: fillQuery(expr, known) };
  });
  const answers = useQueries({
    queries: plans.map(({ expr, every }) => ({
      queryKey: ['annotation', expr, every, rangeKey(range)],
      queryFn: ({ signal }: { signal: AbortSignal }) => {
        const now = boundsOf(range, Date.now());
        const end = Math.floor(now.to / 1000 / every) * every;
        const start = Math.ceil(now.from / 1000 / every) * every;
        const reading = {
          ref: 'annotation',
          legend: '',
          limit: MAX_SERIES,
          search: '',
          histograms: 'quantiles',
        } as const;
        return askFrame({ query: expr, ...reading, start, end, step: every }, signal);
      },
      refetchInterval: 30_000,
      structuralSharing: false,
    })),
  });
  const version = answers.map(({ dataUpdatedAt }) => dataUpdatedAt).join();
  return useMemo(() => {
    const events = annotations.filter(({ enabled, kind }) => enabled && kind === 'events');
    const recorded = (data?.annotations ?? [])
      .filter(({ tags }) =>
        events.some((query) => query.tags.length === 0 || query.tags.some((tag) => tags.includes(tag))),
      )
      .map(
        (note): Marker => ({
          at: note.time,
          until: note.timeEnd,
          kind: note.kind,
          label: note.title || note.text,
        }),
      );
    const computed = plans.flatMap(({ every, title, name }, index) => {
      const frame = answers[index]?.data?.frame;
      return frame === undefined ? [] : markersOf(frame, every, title, name);
    });
    return [...recorded, ...computed].slice(0, MAX_MARKERS);
  }, [annotations, data, version]);
}
