import { z } from 'zod';
import type { StateKind } from '../journal/index.ts';
import { type Action, action } from './model.ts';

const scope = z.string().nullable();

/** What somebody asked of breakers: the audit's entry and what instances are sent until it ends. Times in epoch ms. */
const command = z.strictObject({
  id: z.string(),
  action,
  /** Whose breakers, on which instance, of which name, before which upstream; null for all of them. */
  service: scope,
  instance: scope,
  breaker: scope,
  upstream: scope,
  at: z.number(),
  /** The end of a hold; of the others, when instances that come later are no longer told. */
  until: z.number(),
  /** Who asked; empty without a login. */
  by: z.string(),
  reason: z.string(),
  /** Breakers it meant when it was given. */
  targets: z.number(),
  /** Breakers that acknowledged it. */
  applied: z.number(),
});
export type Command = z.output<typeof command>;

export const commandKind: StateKind<Command> = { name: 'breakers.command', version: 1, schema: command };

export type Scope = Pick<Command, 'service' | 'instance' | 'breaker' | 'upstream'>;

/** One breaker of one instance, as far as commands tell breakers apart. */
export interface Target {
  readonly service: string;
  readonly instance: string;
  readonly breaker: string;
  /** By its canonical name. */
  readonly upstream: string;
}

export function matches(wanted: Scope, target: Target): boolean {
  return (
    (wanted.service === null || wanted.service === target.service) &&
    (wanted.instance === null || wanted.instance === target.instance) &&
    (wanted.breaker === null || wanted.breaker === target.breaker) &&
    (wanted.upstream === null || wanted.upstream === target.upstream || wanted.upstream === target.breaker)
  );
}

export function holds(what: Action): boolean {
  return what === 'force_open' || what === 'force_closed';
}

/**
 * The command that decides over each of an instance's breakers now: the newest one that means it and has not ended. Older ones are
 * overruled, so that whoever comes late is not led through all of them.
 */
export function deciding(
  commands: readonly Command[],
  targets: readonly Target[],
  now: number,
): readonly { readonly command: Command; readonly breakers: readonly string[] }[] {
  const decided = new Set<string>();
  const newestFirst = commands
    .filter(({ until }) => until > now)
    .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
  const found: { command: Command; breakers: string[] }[] = [];
  for (const candidate of newestFirst) {
    const breakers = targets
      .filter((target) => !decided.has(target.breaker) && matches(candidate, target))
      .map(({ breaker }) => breaker);
    for (const breaker of breakers) decided.add(breaker);
    if (breakers.length > 0) found.push({ command: candidate, breakers });
  }
  return found.reverse();
}
