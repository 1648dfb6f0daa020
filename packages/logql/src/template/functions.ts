import type { TemplateFunction } from './call.ts';
import { CORE_FUNCTIONS } from './core-functions.ts';
import { MATH_FUNCTIONS } from './math-functions.ts';
import { TEXT_FUNCTIONS } from './text-functions.ts';
import { TIME_FUNCTIONS } from './time-functions.ts';

export { timeMethod } from './time-functions.ts';

/** Every function of a template, by name (compat §8). */
export const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map([
  ...Object.entries(CORE_FUNCTIONS),
  ...Object.entries(TEXT_FUNCTIONS),
  ...Object.entries(MATH_FUNCTIONS),
  ...Object.entries(TIME_FUNCTIONS),
]);
