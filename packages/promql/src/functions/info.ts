import type { InfoFunction } from './types.ts';

/** `info(v, selector)`: series with the labels of their target's info series (experimental). The evaluator joins; this is its entry. */
export const info: InfoFunction = { kind: 'info' };
