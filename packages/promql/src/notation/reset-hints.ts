import { sameBounds } from '../histogram/bounds.ts';
import type { Histogram } from '../histogram/histogram.ts';
import { withResetHint } from '../histogram/histogram.ts';
import { detectReset } from '../histogram/reset.ts';

/**
 * Histograms with the reset hints a storage in chunks gives back, which scripts count on: a counter's sample that could be
 * appended to the chunk of the one before is no reset, the first one of a chunk may be; of gauges it is all the same.
 */
export function asStored(samples: readonly (Histogram | undefined)[]): readonly (Histogram | undefined)[] {
  return samples.map((one, i) => {
    if (one === undefined || one.resetHint === 'gauge') return one;
    return withResetHint(one, continues(one, samples[i - 1]) ? 'not_reset' : 'unknown');
  });
}

function continues(one: Histogram, before: Histogram | undefined): boolean {
  return (
    before !== undefined &&
    before.resetHint !== 'gauge' &&
    one.resetHint !== 'reset' &&
    one.schema === before.schema &&
    one.zeroThreshold === before.zeroThreshold &&
    sameBounds(one.customValues, before.customValues) &&
    !detectReset(withResetHint(one, 'unknown'), before)
  );
}
