/** The explorer's own search parameters: what is run, and how it is shown. */
export interface ExplorerSearch {
  /** The expressions, A first. */
  readonly q?: readonly string[] | undefined;
  /** Letters of those that are switched off, e.g. "BD". */
  readonly off?: string | undefined;
  readonly view?: 'table' | undefined;
  readonly stack?: true | undefined;
  /** Exemplars are drawn. */
  readonly ex?: true | undefined;
  /** Most series drawn. */
  readonly top?: number | undefined;
  /** An instant to be marked (epoch ms), and the trace whose exemplar is. */
  readonly mark?: number | undefined;
  readonly trace?: string | undefined;
}

export const MAX_QUERIES = 10;
const MAX_LENGTH = 10_000;
export const TOPS: readonly number[] = [8, 20, 50, 100];
export const DEFAULT_TOP = 20;

/** A to J. */
export function letterOf(index: number): string {
  return String.fromCharCode(65 + index);
}

/** What is not valid is dropped, so that a bad link still opens. */
export function validateExplorerSearch(search: Readonly<Record<string, unknown>>): ExplorerSearch {
  const { q, off, view, stack, ex, top, mark, trace } = search;
  // A lone expression may stand plainly; one that reads as a number arrives as one.
  const given: readonly unknown[] = Array.isArray(q) ? q : q === undefined ? [] : [q];
  const queries = given
    .map((one) => (typeof one === 'number' ? String(one) : one))
    .filter((one) => typeof one === 'string')
    .filter((one) => one.length <= MAX_LENGTH)
    .slice(0, MAX_QUERIES);
  return {
    ...(queries.length === 0 ? {} : { q: queries }),
    ...(typeof off === 'string' && /^[A-J]{1,10}$/.test(off) ? { off } : {}),
    ...(view === 'table' ? { view } : {}),
    ...(stack === true ? { stack } : {}),
    ...(ex === true ? { ex } : {}),
    ...(typeof top === 'number' && TOPS.includes(top) && top !== DEFAULT_TOP ? { top } : {}),
    ...(typeof mark === 'number' && mark > 0 && mark < 8.64e15 ? { mark } : {}),
    ...(typeof trace === 'string' && /^[0-9a-f]{1,32}$/i.test(trace) ? { trace } : {}),
  };
}
