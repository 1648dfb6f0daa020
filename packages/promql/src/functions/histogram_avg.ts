import { ofHistograms } from './of-histograms.ts';

/** `histogram_avg(v)`: the mean of the observations of native histograms. */
export const histogram_avg = ofHistograms(({ sum, count }) => sum / count);
