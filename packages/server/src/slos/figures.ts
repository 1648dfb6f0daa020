import { BURN_WINDOWS, type BurnWindow } from './burn-alerts.ts';
import { RECORDED, ratioName, sloSelector } from './rules.ts';
import { NO_FIGURES, type SloFigures } from './status.ts';

/** Asks PromQL at one instant (epoch ms). */
export type InstantQuery = (
  query: string,
  at: number,
) => Promise<readonly { readonly value: number; label(name: string): string }[]>;

const FAST: readonly BurnWindow[] = ['5m', '30m', '1h', '2h', '6h'];
const SLOW: readonly BurnWindow[] = ['1d', '3d'];
/** What is recorded every 5 minutes is looked for a little longer than those. */
const SLOW_LOOKBACK = '11m';

const fastNames = [RECORDED.totalRate, ...FAST.map(ratioName)];
const slowNames = [RECORDED.errorRatio, RECORDED.budget, RECORDED.covered, ...SLOW.map(ratioName)];
const named = (names: readonly string[], more: string): string =>
  `{__name__=~"${names.join('|')}",slo${more}}`;

/** What is recorded of all objectives, or of one, by their names. */
export async function readFigures(
  query: InstantQuery,
  at: number,
  only?: string,
): Promise<ReadonlyMap<string, SloFigures>> {
  const whose = only === undefined ? '!=""' : sloSelector({ name: only }).slice('{slo'.length, -1);
  const [fast, slow] = await Promise.all([
    query(named(fastNames, whose), at),
    query(`last_over_time(${named(slowNames, whose)}[${SLOW_LOOKBACK}])`, at),
  ]);
  const values = new Map<string, Map<string, number>>();
  for (const sample of [...fast, ...slow]) {
    const slo = sample.label('slo');
    const of = values.get(slo) ?? new Map<string, number>();
    of.set(sample.label('__name__'), sample.value);
    values.set(slo, of);
  }
  return new Map([...values].map(([slo, of]) => [slo, figuresOf(of)]));
}

function figuresOf(values: ReadonlyMap<string, number>): SloFigures {
  const of = (name: string): number | null => {
    const value = values.get(name);
    return value === undefined || !Number.isFinite(value) ? null : value;
  };
  const ratios = { ...NO_FIGURES.ratios };
  for (const window of BURN_WINDOWS) ratios[window] = of(ratioName(window));
  return {
    errorRatio: of(RECORDED.errorRatio),
    budgetRemaining: of(RECORDED.budget),
    covered: of(RECORDED.covered),
    rate: of(RECORDED.totalRate),
    ratios,
  };
}
