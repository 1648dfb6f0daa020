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
 * at once. Those before are as many as may be looked at. Throws `backTest` when those within are more.
 */
export function stretchOf(
  { start, end }: Span,
  slots: Slots,
  { forMs, keepFiringForMs }: { readonly forMs: number; readonly keepFiringForMs: number },
): Stretch {
  const { intervalMs } = slots;
  const last = slotAt(slots, end);
  const within = Math.max(0, Math.round((last - slotAt(slots, start)) / intervalMs) + 1);
  if (within > MOST_EVALUATIONS)
    throw alertErrors.make(
      'backTest',
      `an evaluation every ${formatDuration(intervalMs)} makes ${within} of them, at most ${MOST_EVALUATIONS} are looked at: shorten the time, or make the interval longer`,
    );
  const before = Math.min(forMs + keepFiringForMs, (MOST_EVALUATIONS - within) * intervalMs);
  const first = slotAt(slots, start - before);
  return { first, intervalMs, count: Math.max(0, Math.round((last - first) / intervalMs) + 1) };
}
