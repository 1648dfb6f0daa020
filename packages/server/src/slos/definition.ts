/** How well a service is meant to do: the share of good events over a rolling window. */
export interface Slo {
  readonly name: string;
  /** The service that it is about; empty when it is about none. */
  readonly service: string;
  readonly description: string;
  /** The least share of good events, above 0 and below 1. */
  readonly objective: number;
  readonly window: SloWindow;
  /** Added to every series and alert of it. */
  readonly labels: Readonly<Record<string, string>>;
  readonly indicator: Indicator;
  readonly alerts: {
    readonly enabled: boolean;
    /** Fewer bad events in the long window page nobody; 0 for no such limit. */
    readonly leastBad: number;
  };
}

export const SLO_WINDOWS = ['7d', '28d', '30d'] as const;
export type SloWindow = (typeof SLO_WINDOWS)[number];

/** What counts. In queries `$window` stands where the range does; they tell events per second. */
export type Indicator =
  | {
      readonly kind: 'ratio';
      /** What the query `part` tells of. */
      readonly of: 'good' | 'bad';
      readonly part: string;
      readonly total: string;
    }
  | {
      readonly kind: 'latency';
      /** The name without `_bucket`. */
      readonly histogram: string;
      /** Between the braces of a selector; empty for all series. */
      readonly matchers: string;
      /** In the histogram's unit: events up to it are good. */
      readonly threshold: number;
      readonly isNative: boolean;
    };

const DAY_MS = 86_400_000;

export function windowMs(window: SloWindow): number {
  return Number(window.slice(0, -1)) * DAY_MS;
}

/** The share of events that may be bad, without the dust of reckoning in binary. */
export function budgetOf({ objective }: Pick<Slo, 'objective'>): number {
  return Number((1 - objective).toPrecision(9));
}
