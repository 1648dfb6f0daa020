import { histogramVariance } from '../histogram/variance.ts';
import { ofHistograms } from './of-histograms.ts';

/** `histogram_stdvar(v)`: the estimated variance of the observations of native histograms. */
export const histogram_stdvar = ofHistograms(histogramVariance);
