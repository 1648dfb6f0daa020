import type { Signal } from '../signal.ts';

/** One group of errors that deserves a look at its service. */
export interface StandingError {
  readonly service: string;
  readonly name: string;
  readonly message: string;
  readonly why: 'new' | 'regressed' | 'rising';
  /** Errors of the group in the last minutes, and in as many minutes usually. */
  readonly count: number;
  readonly usual: number;
  /** Epoch ms of the newest one. */
  readonly lastAt: number;
}

/** Groups that are named; the rest is counted. */
const MOST_NAMED = 3;
const MESSAGE_LENGTH = 120;

/** What new, returning and rising errors say of their services; only of services that have some. */
export function errorSignals(errors: readonly StandingError[]): ReadonlyMap<string, readonly Signal[]> {
  const byService = new Map<string, StandingError[]>();
  for (const error of errors) {
    const known = byService.get(error.service);
    if (known === undefined) byService.set(error.service, [error]);
    else known.push(error);
  }
  return new Map(
    [...byService].map(([service, own]) => {
      const sorted = own.toSorted((a, b) => b.count - a.count);
      const signals = sorted.slice(0, MOST_NAMED).map(signalOf);
      const rest = sorted.length - signals.length;
      if (rest > 0) {
        const message = `${rest} more groups of errors are new, are back or rise`;
        signals.push({ kind: 'errors', status: 'degraded', message, at: null });
      }
      return [service, signals];
    }),
  );
}

function signalOf({ why, name, message, count, usual, lastAt }: StandingError): Signal {
  const what = `${name}: ${message.length > MESSAGE_LENGTH ? `${message.slice(0, MESSAGE_LENGTH)}…` : message}`;
  const times = `${count} ${count === 1 ? 'time' : 'times'} in the last minutes`;
  const words = {
    new: `a new error, ${times}: ${what}`,
    regressed: `an error that was resolved is back, ${times}: ${what}`,
    rising: `an error rises, ${times} (usually ${usual}): ${what}`,
  };
  return { kind: 'errors', status: 'degraded', message: words[why], at: lastAt };
}
