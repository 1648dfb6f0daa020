import type { TemplateFunction } from '@pharos/gotemplate';
import { CORE_FUNCTIONS } from '@pharos/gotemplate';
import type { LogContext } from './log-context.ts';
import { MATH_FUNCTIONS } from './math-functions.ts';
import { TEXT_FUNCTIONS } from './text-functions.ts';
import { TIME_FUNCTIONS } from './time-functions.ts';

/** Every function of a log template, by name (compat §8). */
export const FUNCTIONS: ReadonlyMap<string, TemplateFunction<LogContext>> = new Map<
  string,
  TemplateFunction<LogContext>
>([
  ...Object.entries(CORE_FUNCTIONS),
  ...Object.entries(TEXT_FUNCTIONS),
  ...Object.entries(MATH_FUNCTIONS),
  ...Object.entries(TIME_FUNCTIONS),
]);
