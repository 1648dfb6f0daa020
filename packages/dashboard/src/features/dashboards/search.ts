import type { RangeSearch } from '../../time/range.ts';

/** What a dashboard's address says besides the range: choices as `var-<name>`, and the panel that fills the screen. */
export type DashboardSearch = RangeSearch & {
  readonly [name: `var-${string}`]: readonly string[] | undefined;
  readonly panel?: string | undefined;
};

const MAX_VALUES = 500;

/** Reads search parameters of any origin: what is not valid is dropped, so that a bad link still opens. */
export function validateDashboardSearch(search: Readonly<Record<string, unknown>>): DashboardSearch {
  const found: Record<`var-${string}`, readonly string[] | undefined> = {};
  for (const [name, value] of Object.entries(search)) {
    const values = (Array.isArray(value) ? value : [value])
      .filter((one) => ['string', 'number', 'boolean'].includes(typeof one))
      .map((one) => String(one).slice(0, 2000));
    if (/^var-\w{1,100}$/.test(name) && values.length > 0)
      found[`var-${name.slice(4)}`] = values.slice(0, MAX_VALUES);
  }
  const { panel } = search;
  return typeof panel === 'string' || typeof panel === 'number' ? { ...found, panel: String(panel) } : found;
}

/** Choices by the names of their variables. */
export function choicesOf(
  search: Readonly<Record<string, unknown>>,
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(search).flatMap(([name, value]) =>
      name.startsWith('var-') && Array.isArray(value) ? [[name.slice(4), value.map(String)] as const] : [],
    ),
  );
}
