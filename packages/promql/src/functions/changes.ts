import { equalHistograms } from '../histogram/equal.ts';
import { countedSteps } from './counted-steps.ts';

/** `changes(v[d])`: how often the value changed in the window; NaN to NaN is no change. */
export const changes = countedSteps(
  (before, value) => value !== before && !(Number.isNaN(value) && Number.isNaN(before)),
  { histograms: (now, before) => !equalHistograms(now, before), starts: false },
);
