import { ofNativeHistograms } from './native-only.ts';

/** `histogram_avg(v)`: of native histograms; float samples are ignored. */
export const histogram_avg = ofNativeHistograms;
