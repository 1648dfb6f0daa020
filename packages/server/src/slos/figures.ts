import { quote } from '@pharos/promql';
import { BURN_WINDOWS, type BurnWindow, type CountedWindow } from './burn-alerts.ts';
import type { Slo } from './definition.ts';
import { badEvents, RECORDED, ratioName, sloSelector } from './rules.ts';
import { countedWindows, NO_FIGURES, type SloFigures } from './status.ts';

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

/** What is known of some objectives, by their names. All are asked for together, and one alone for itself. */
export async function readFigures(
  query: InstantQuery,
  at: number,
  slos: readonly Slo[],
): Promise<ReadonlyMap<string, SloFigures>> {
  const recorded = await readRecorded(query, at, slos);
  const counted = new Map<CountedWindow, string[]>();
  for (const slo of slos)
    for (const window of countedWindows(slo, recorded.get(slo.name) ?? NO_FIGURES))
      counted.set(window, [...(counted.get(window) ?? []), slo.name]);
  const figures = new Map(recorded);
  await Promise.all(
    [...counted].map(async ([window, names]) => {
      for (const sample of await query(badEvents(oneOf(names), window, ' by (slo) '), at)) {
        const slo = sample.label('slo');
        const known = figures.get(slo) ?? NO_FIGURES;
        figures.set(slo, { ...known, badEvents: new Map(known.badEvents).set(window, sample.value) });
      }
    }),
  );
  return figures;
}

/** Selects the series of these objectives; of what a name may have, a dot alone means something to a pattern. */
function oneOf(names: readonly string[]): string {
  return `{slo=~${quote(names.map((name) => name.replaceAll('.', '\\.')).join('|'))}}`;
}

async function readRecorded(
  query: InstantQuery,
  at: number,
  slos: readonly Slo[],
): Promise<ReadonlyMap<string, SloFigures>> {
  const [only, ...others] = slos;
  const isOne = only !== undefined && others.length === 0;
  const whose = isOne ? sloSelector(only).slice('{slo'.length, -1) : '!=""';
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
    badEvents: NO_FIGURES.badEvents,
  };
}
