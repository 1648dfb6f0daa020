import { ofNativeHistograms } from './native-only.ts';

/** `histogram_stdvar(v)`: of native histograms; float samples are ignored. */
export const histogram_stdvar = ofNativeHistograms;
