import { ofHistograms } from './of-histograms.ts';

/** `histogram_sum(v)`: the sum of the observations of native histograms. */
export const histogram_sum = ofHistograms(({ sum }) => sum);
