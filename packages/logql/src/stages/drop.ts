import { ERROR_DETAILS_LABEL, ERROR_LABEL } from '../pipeline/entry.ts';
import { textOf } from './label_filter.ts';
import type { StageCompiler } from './types.ts';

/** `drop a, b="x"`: without these labels, those with a condition only where their value meets it. */
export const drop: StageCompiler<'drop'> =
  ({ choices }) =>
  (entry) => {
    for (const { name, matcher } of choices) {
      if (matcher !== undefined && !matcher.matches(textOf(entry, name))) continue;
      if (name === ERROR_LABEL) entry.error = '';
      else if (name === ERROR_DETAILS_LABEL) entry.errorDetails = '';
      else entry.remove(name);
    }
    return true;
  };
