import type { Labels } from '@pharos/promql';
import type { SeriesRefusal } from './sink.ts';

/** What one series' labels may be at most; lengths in bytes of UTF-8. */
export interface LabelCeilings {
  readonly labels: number;
  readonly nameLength: number;
  readonly valueLength: number;
}

/** Why a label set may not be stored, or null. Every door keeps to these, so that one sender cannot fill memory with labels. */
export function overCeiling(labels: Labels, ceilings: LabelCeilings): SeriesRefusal | null {
  const metric = shortened(labels.metricName);
  if (labels.size > ceilings.labels)
    return {
      reason: 'label_count',
      message: `${metric} has ${labels.size} labels, expected at most ${ceilings.labels}`,
    };
  const { pairs } = labels;
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] ?? '';
    if (isLonger(name, ceilings.nameLength))
      return {
        reason: 'label_name_length',
        message: `label name "${shortened(name)}" of ${metric} has ${Buffer.byteLength(name)} bytes, expected at most ${ceilings.nameLength}`,
      };
    const value = pairs[i + 1] ?? '';
    if (isLonger(value, ceilings.valueLength))
      return {
        reason: 'label_value_length',
        message: `label "${shortened(name)}" of ${metric} has a value of ${Buffer.byteLength(value)} bytes, expected at most ${ceilings.valueLength}`,
      };
  }
  return null;
}

/** A UTF-16 unit is at most three bytes of UTF-8: most texts need no counting. */
function isLonger(text: string, limit: number): boolean {
  return text.length * 3 > limit && Buffer.byteLength(text) > limit;
}

function shortened(text: string): string {
  return text.length > 50 ? `${text.slice(0, 50)}…` : text;
}
