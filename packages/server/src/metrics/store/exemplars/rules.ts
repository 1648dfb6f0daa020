import type { Exemplar, RejectReason } from '../../sink.ts';

/** Most characters of an exemplar's label names and values together. Source: OpenMetrics 1.0, exemplars. */
const MOST_CHARACTERS = 128;

/**
 * What becomes of an exemplar after the newest one of its series: older ones are out of order, the same one once more is a
 * duplicate (RW-4).
 */
export function judgeExemplar(
  exemplar: Exemplar,
  newest: Exemplar | undefined,
): 'fresh' | 'duplicate' | Extract<RejectReason, 'out_of_order' | 'labels_too_long'> {
  let characters = 0;
  for (const text of exemplar.labels.pairs) characters += Array.from(text).length;
  if (characters > MOST_CHARACTERS) return 'labels_too_long';
  if (newest === undefined || exemplar.timestamp > newest.timestamp) return 'fresh';
  if (exemplar.timestamp < newest.timestamp) return 'out_of_order';
  const same = Object.is(exemplar.value, newest.value) && exemplar.labels.key === newest.labels.key;
  return same ? 'duplicate' : 'fresh';
}
