import { useMemo } from 'react';
import type { Annotation, Change, History } from '../../api/contracts.ts';
import { useAnnotations, useHistory } from '../../api/queries.ts';
import { boundsOf, type TimeRange } from '../../time/range.ts';
import { useTimeRange } from '../../time/use-range.ts';
import { Changes } from '../../ui/changes.tsx';

/** What happened to one service in a range: its changes of state, and the notes that name it or no service at all. */
export function changesOf(
  name: string,
  transitions: History['transitions'],
  notes: readonly Annotation[],
  { from, to }: { readonly from: number; readonly to: number },
): Change[] {
  const states = transitions.map(
    (transition): Change => ({
      at: transition.at,
      kind: 'state',
      service: name,
      from: transition.from,
      to: transition.to,
      title: '',
      text: transition.reason,
    }),
  );
  const noted = notes
    .filter((note) => note.service == null || note.service === name)
    .map(
      (note): Change => ({
        at: note.time,
        kind: note.kind,
        service: note.service,
        title: note.title,
        text: note.text,
      }),
    );
  return [...states, ...noted].filter((change) => change.at >= from && change.at <= to);
}

function useChanges(name: string, range: TimeRange): readonly Change[] {
  const history = useHistory(name, range);
  const notes = useAnnotations();
  return useMemo(
    () =>
      changesOf(
        name,
        history.data?.transitions ?? [],
        notes.data?.annotations ?? [],
        boundsOf(range, history.dataUpdatedAt || Date.now()),
      ),
    [name, history.data, history.dataUpdatedAt, notes.data, range],
  );
}

export function ServiceChanges({ name }: { readonly name: string }) {
  const [range] = useTimeRange();
  return <Changes changes={useChanges(name, range)} example={name} />;
}
