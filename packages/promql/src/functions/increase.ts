import { extrapolated } from './extrapolate.ts';

/** `increase(v[d])`: the increase of a counter over the window. */
export const increase = extrapolated({ counter: true, perSecond: false });
