import { ApiError } from '../../api/client.ts';

export interface Problems {
  /** By the name of the field that shows it. */
  readonly at: ReadonlyMap<string, string>;
  /** What no field shows. */
  readonly rest: readonly string[];
}
const NONE: Problems = { at: new Map(), rest: [] };

/** What an error says, at the fields it is about; `fieldOf` names the field that shows a place of the body, null where none does. */
export function problemsOf(error: Error | null, fieldOf: (place: string) => string | null): Problems {
  if (error === null) return NONE;
  const told = error instanceof ApiError ? error.problems : [];
  if (told.length === 0) return { at: new Map(), rest: [error.message] };
  const at = new Map<string, string>();
  const rest: string[] = [];
  for (const { field, problem } of told) {
    const name = fieldOf(field);
    if (name === null) rest.push(`${field}: ${problem}`);
    else at.set(name, [at.get(name), problem].filter(Boolean).join('; '));
  }
  return { at, rest };
}

/** Of a body without depth: `body.days.0` is shown by what its member `days` is shown by. */
export function fieldsBy(shown: ReadonlyMap<string, string>): (place: string) => string | null {
  return (place) => {
    const [member = ''] = place.replace(/^body\b[./]?/, '').split(/[./[]/);
    return shown.get(member) ?? null;
  };
}
