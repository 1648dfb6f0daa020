import { StageError } from '../errors.ts';

/** Refuses names that no label can have. */
export function requireLabelNames(named: readonly { readonly name: string }[]): void {
  for (const { name } of named)
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))
      throw new StageError(`invalid extracted label name '${name}'`);
}
