import type { Exemplar, SeriesRef } from '../../sink.ts';
import { type AcceptedTimes, type Rejections, verdictOf } from '../door-rules.ts';
import { dayOf } from '../rows.ts';
import type { ExemplarMemory } from './memory.ts';
import { judgeExemplar } from './rules.ts';

export interface PendingExemplar {
  readonly ref: SeriesRef;
  readonly exemplar: Exemplar;
}

export interface AcceptedExemplars {
  readonly byDay: ReadonlyMap<number, readonly PendingExemplar[]>;
  readonly written: { readonly stored: number; readonly duplicates: number };
}

const NO_EXEMPLARS: AcceptedExemplars = { byDay: new Map(), written: { stored: 0, duplicates: 0 } };

/** Sorts a request's exemplars into accepted ones by day, duplicates, and rejected ones, which are added to `rejections`. */
export function acceptExemplars(
  pending: readonly PendingExemplar[],
  memory: ExemplarMemory,
  times: AcceptedTimes,
  rejections: Rejections,
): AcceptedExemplars {
  if (pending.length === 0) return NO_EXEMPLARS;
  const byDay = new Map<number, PendingExemplar[]>();
  const newestHere = new Map<SeriesRef, Exemplar>();
  const written = { stored: 0, duplicates: 0 };
  for (const one of pending) {
    const { ref, exemplar } = one;
    const { timestamp } = exemplar;
    const newest = newestHere.get(ref) ?? memory.newestOf(ref);
    const verdict = verdictOf(timestamp, times) ?? judgeExemplar(exemplar, newest);
    if (verdict === 'fresh') {
      newestHere.set(ref, exemplar);
      const day = dayOf(timestamp);
      const ofDay = byDay.get(day);
      if (ofDay === undefined) byDay.set(day, [one]);
      else ofDay.push(one);
      written.stored++;
    } else if (verdict === 'duplicate') written.duplicates++;
    else rejections.add('exemplar', verdict, ref, timestamp);
  }
  return { byDay, written };
}
