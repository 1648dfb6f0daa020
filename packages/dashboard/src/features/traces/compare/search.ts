/** The search parameters of a comparison: ids of two traces. */
export interface CompareSearch {
  readonly a?: string | undefined;
  readonly b?: string | undefined;
  /** Every place of the two, instead of those that differ. */
  readonly all?: true | undefined;
}

function idOf(value: unknown): string | undefined {
  // An id of digits alone arrives as a number, unless it is quoted.
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^[0-9a-f]{1,32}$/i.test(text) ? text.toLowerCase() : undefined;
}

/** What is not valid is dropped, so that a bad link still opens. */
export function validateCompareSearch(search: Readonly<Record<string, unknown>>): CompareSearch {
  const a = idOf(search['a']);
  const b = idOf(search['b']);
  return {
    ...(a === undefined ? {} : { a }),
    ...(b === undefined ? {} : { b }),
    ...(search['all'] === true ? { all: true } : {}),
  };
}
