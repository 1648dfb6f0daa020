import { ofHistograms } from './of-histograms.ts';

/** `histogram_count(v)`: the number of observations of native histograms. */
export const histogram_count = ofHistograms(({ count }) => count);
