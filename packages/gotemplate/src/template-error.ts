import type { Place } from './ast.ts';

/** Why an execution ended: what is wrong, without the place. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  /** What was being evaluated, and in which template; known once it has left the execution. */
  place: (Place & { readonly template: string }) | undefined;
}
