import { detectReset } from '../histogram/reset.ts';
import { countedSteps } from './counted-steps.ts';

/** `resets(v[d])`: how often the counter dropped in the window. */
export const resets = countedSteps((before, value) => value < before, {
  histograms: detectReset,
  starts: true,
});
