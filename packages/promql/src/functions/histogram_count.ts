import { ofNativeHistograms } from './native-only.ts';

/** `histogram_count(v)`: of native histograms; float samples are ignored. */
export const histogram_count = ofNativeHistograms;
