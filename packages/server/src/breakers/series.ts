import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { ServiceNames } from '../kernel/names.ts';
import type { State } from './model.ts';

/** One instant value of a PromQL answer. */
export interface SeriesValue {
  readonly label: (name: string) => string;
  readonly value: number;
}

/** The PromQL door as this slice needs it. */
export interface SeriesReader {
  instant(tenant: string, query: string, time: number): Promise<readonly SeriesValue[]>;
}

/** A breaker that is known by its series alone. */
export interface SeenBreaker {
  readonly service: string;
  readonly name: string;
  readonly instance: string;
  readonly kind: string;
  readonly state: State;
  readonly forced: boolean;
}

export interface SeriesOptions {
  readonly reader: SeriesReader;
  readonly names: ServiceNames;
  readonly clock: Clock;
  readonly log: Log;
}

/** Ours and everybody's who names it so: 0 closed, 1 half-open, 2 open. */
const BY_VALUE = 'circuit_breaker_state';
/** resilience4j through Micrometer: one series per state, 1 for the one it is in. */
const BY_LABEL = 'resilience4j_circuitbreaker_state == 1';
const VALUES: readonly State[] = ['CLOSED', 'HALF_OPEN', 'OPEN'];
const LABELS: Readonly<Record<string, { readonly state: State; readonly forced: boolean }>> = {
  closed: { state: 'CLOSED', forced: false },
  half_open: { state: 'HALF_OPEN', forced: false },
  open: { state: 'OPEN', forced: false },
  forced_open: { state: 'OPEN', forced: true },
  disabled: { state: 'CLOSED', forced: true },
  metrics_only: { state: 'CLOSED', forced: true },
};
/** Several pages that ask at once cost one look. */
const FRESH_MS = 5_000;
const MAX_SEEN = 5_000;

/** Breakers that only their series tell of: scraped services without the SDK, whatever language they are written in. */
export class BreakerSeries {
  readonly #options: SeriesOptions;
  readonly #looks = new Map<
    string,
    { readonly at: number; readonly seen: Promise<readonly SeenBreaker[]> }
  >();

  constructor(options: SeriesOptions) {
    this.#options = options;
  }

  /** Empty when the metrics cannot be read. */
  seen(tenant: string): Promise<readonly SeenBreaker[]> {
    const now = this.#options.clock.monotonic();
    const last = this.#looks.get(tenant);
    if (last !== undefined && now - last.at < FRESH_MS) return last.seen;
    const seen = this.#look(tenant).catch((error: unknown) => {
      this.#options.log.warn({ err: error }, 'breakers could not be looked up among the series');
      return [];
    });
    this.#looks.set(tenant, { at: now, seen });
    return seen;
  }

  async #look(tenant: string): Promise<readonly SeenBreaker[]> {
    const { reader, clock, names } = this.#options;
    const [byValue, byLabel] = await Promise.all([
      reader.instant(tenant, BY_VALUE, clock.now()),
      reader.instant(tenant, BY_LABEL, clock.now()),
    ]);
    const seen = (series: SeriesValue, kind: string, state: State, forced: boolean): SeenBreaker => ({
      service: names.of((name) => series.label(name) || undefined) ?? 'unknown',
      name: series.label('name'),
      instance: series.label('instance'),
      kind,
      state,
      forced,
    });
    return [
      ...byValue.map((series) => seen(series, 'series', VALUES[series.value] ?? 'CLOSED', false)),
      ...byLabel.flatMap((series) => {
        const known = LABELS[series.label('state')];
        return known === undefined ? [] : [seen(series, 'resilience4j', known.state, known.forced)];
      }),
    ]
      .filter(({ name }) => name !== '')
      .slice(0, MAX_SEEN);
  }
}
