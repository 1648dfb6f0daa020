import { useMemo } from 'react';
import { useAnnotations } from '../../api/queries.ts';
import type { Marker } from './plot.ts';

/** Deployments and notes as marks for charts: all, or those that concern one service (its own and those of none). */
export function useMarkers(service?: string): readonly Marker[] {
  const { data } = useAnnotations();
  return useMemo(
    () =>
      (data?.annotations ?? [])
        .filter((note) => service === undefined || note.service == null || note.service === service)
        .map(
          (note): Marker => ({
            at: note.time,
            until: note.timeEnd,
            kind: note.kind,
            label: note.title || note.text,
          }),
        ),
    [data, service],
  );
}
