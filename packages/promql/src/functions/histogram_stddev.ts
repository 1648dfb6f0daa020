import { histogramVariance } from '../histogram/variance.ts';
import { ofHistograms } from './of-histograms.ts';

/** `histogram_stddev(v)`: the estimated standard deviation of the observations of native histograms. */
export const histogram_stddev = ofHistograms((histogram) => Math.sqrt(histogramVariance(histogram)));
