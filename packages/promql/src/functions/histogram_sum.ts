import { ofNativeHistograms } from './native-only.ts';

/** `histogram_sum(v)`: of native histograms; float samples are ignored. */
export const histogram_sum = ofNativeHistograms;
