import type { ElementFunction } from './types.ts';

/** A function of one value, applied to every sample. */
export function element(apply: (value: number) => number): ElementFunction {
  return { kind: 'element', apply: (value) => apply(value) };
}
