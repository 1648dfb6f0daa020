import { extrapolated } from './extrapolate.ts';

/** `rate(v[d])`: the per-second increase of a counter, averaged over the window. */
export const rate = extrapolated({ counter: true, perSecond: true });
