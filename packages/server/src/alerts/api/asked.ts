import { z } from 'zod';
import { alertErrors } from '../errors.ts';
import { MatcherSyntaxError } from '../matchers/matcher.ts';

/** A parameter that may be given again. */
export const repeated = z.union([z.string(), z.array(z.string())]).optional();

export function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

/** What is no matcher is the asker's mistake. */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof MatcherSyntaxError)
      throw alertErrors.make('invalid', error.message, { cause: error });
    throw error;
  }
}
