import { ofNativeHistograms } from './native-only.ts';

/** `histogram_stddev(v)`: of native histograms; float samples are ignored. */
export const histogram_stddev = ofNativeHistograms;
