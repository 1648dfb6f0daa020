import type { Signal } from '../signal.ts';

/** How one service's circuit breakers stand. */
export interface BreakerStanding {
  /** Whose breakers they are, canonical. */
  readonly service: string;
  /** Of those that are not closed, or are held in their state by command. */
  readonly reasons: readonly {
    readonly state: 'CLOSED' | 'HALF_OPEN' | 'OPEN';
    /** Which breaker, before whom, on which instances. */
    readonly text: string;
    /** ISO 8601; null when it is not known. */
    readonly since: string | null;
  }[];
}

/**
 * What breakers say of their owner: it does not get the answers it needs, or is told not to ask. Of the service before
 * which a breaker stands they say nothing: an open breaker asks nobody, and stays open long after that service is well.
 */
export function breakerSignals(
  standings: readonly BreakerStanding[],
): ReadonlyMap<string, readonly Signal[]> {
  return new Map(
    standings.map(({ service, reasons }) => {
      const signals = reasons.flatMap(({ state, text, since }): Signal[] =>
        state === 'CLOSED'
          ? []
          : [
              {
                kind: 'breaker',
                status: 'degraded',
                message: text,
                at: since === null ? null : Date.parse(since),
              },
            ],
      );
      const well: Signal = { kind: 'breaker', status: 'healthy', message: '', at: null };
      return [service, signals.length === 0 ? [well] : signals];
    }),
  );
}
