import { extrapolated } from './extrapolate.ts';

/** `delta(v[d])`: the difference of a gauge over the window. */
export const delta = extrapolated({ counter: false, perSecond: false });
