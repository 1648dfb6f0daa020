import { ApiError } from '../../../api/client.ts';
import type { ProbeType } from '../contracts.ts';
import { fieldOf } from './fields.ts';

export interface Problems {
  /** By the path of the field that shows it. */
  readonly at: ReadonlyMap<string, string>;
  /** What no field shows. */
  readonly rest: readonly string[];
}
const NONE: Problems = { at: new Map(), rest: [] };

/** What an error says, at the fields it is about. */
export function problemsOf(error: Error | null, type: ProbeType): Problems {
  if (error === null) return NONE;
  const told = error instanceof ApiError ? error.problems : [];
  if (told.length === 0) return { at: new Map(), rest: [error.message] };
  const at = new Map<string, string>();
  const rest: string[] = [];
  for (const { field, problem } of told) {
    const path = fieldOf(type, field);
    if (path === null) rest.push(`${field}: ${problem}`);
    else at.set(path, [at.get(path), problem].filter(Boolean).join('; '));
  }
  return { at, rest };
}
