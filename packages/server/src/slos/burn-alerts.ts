import { budgetOf, type Slo, type SloWindow, windowMs } from './definition.ts';

const HOUR_MS = 3_600_000;

/** Two windows over which the budget burns too fast: the long one says that it matters, the short one that it goes on. */
interface BurnWindows {
  readonly severity: 'critical' | 'warning';
  readonly long: BurnWindow;
  readonly short: BurnWindow;
  /** The share of the whole budget that is gone when the long window is. */
  readonly share: number;
}

export const BURN_WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const;
export type BurnWindow = (typeof BURN_WINDOWS)[number];

/** A window of which it may matter how many events were bad. */
export type CountedWindow = BurnWindow | SloWindow;

const HOURS: Readonly<Record<BurnWindow, number>> = {
  '5m': 1 / 12,
  '30m': 0.5,
  '1h': 1,
  '2h': 2,
  '6h': 6,
  '1d': 24,
  '3d': 72,
};

/** After "Alerting on SLOs" of Google's Site Reliability Workbook: of 30 days these are burn rates of 14.4, 6, 3 and 1. */
const WORKBOOK: readonly BurnWindows[] = [
  { severity: 'critical', long: '1h', short: '5m', share: 0.02 },
  { severity: 'critical', long: '6h', short: '30m', share: 0.05 },
  { severity: 'warning', long: '1d', short: '2h', share: 0.1 },
  { severity: 'warning', long: '3d', short: '6h', share: 0.1 },
];

export interface BurnAlert extends BurnWindows {
  /** How many times faster than sustainable. */
  readonly factor: number;
  /** The share of bad events beyond which it burns. */
  readonly limit: number;
  /** False where more than all events would have to be bad: such an objective is too low to burn that fast. */
  readonly isPossible: boolean;
}

/** What burns the budget of an objective too fast. Burning slower than sustainable is no trouble, however short the window. */
export function burnAlerts(slo: Pick<Slo, 'objective' | 'window'>): readonly BurnAlert[] {
  const hours = windowMs(slo.window) / HOUR_MS;
  return WORKBOOK.map((one) => {
    const factor = Math.max(1, round((one.share * hours) / HOURS[one.long]));
    const limit = round(factor * budgetOf(slo));
    return { ...one, factor, limit, isPossible: limit < 1 };
  });
}

function round(value: number): number {
  return Number(value.toPrecision(9));
}
