import { formatDuration } from '@pharos/promql';
import { alertErrors } from '../errors.ts';
import type { Slots } from '../rules/schedule.ts';
import { slotAt } from '../rules/schedule.ts';
import type { Stretch } from './evaluations.ts';

/** A week of evaluations every 15 s, or a month of them every minute. */
const MOST_EVALUATIONS = 50_000;

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The evaluations that a rule of these times has within a span, and so many before it as tell how it begins: what already held for long fires
 * at once. Throws `backTest` when they are more than are looked at.
 */
export function stretchOf(
  { start, end }: Span,
  slots: Slots,
  { forMs, keepFiringForMs }: { readonly forMs: number; readonly keepFiringForMs: number },
): Stretch {
  const { intervalMs } = slots;
  const last = slotAt(slots, end);
  const before = Math.min(forMs + keepFiringForMs, end - start) + intervalMs;
  const first = slotAt(slots, start - before) + intervalMs;
  const count = Math.max(0, Math.round((last - first) / intervalMs) + 1);
  if (count > MOST_EVALUATIONS)
    throw alertErrors.make(
      'backTest',
      `an evaluation every ${formatDuration(intervalMs)} makes ${count} of them, at most ${MOST_EVALUATIONS} are looked at: shorten the time, or make the interval longer`,
    );
  return { first, intervalMs, count };
}
