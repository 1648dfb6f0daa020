import { SHOWN, type Shown } from '../model/rows.ts';

export const VIEWS = ['waterfall', 'flame', 'operations'] as const;
export type View = (typeof VIEWS)[number];

/** The search parameters of one trace's page. */
export interface TraceSearch {
  /** The span whose detail is open. */
  readonly span?: string | undefined;
  readonly view?: Exclude<View, 'waterfall'> | undefined;
  readonly find?: string | undefined;
  readonly show?: Exclude<Shown, 'all'> | undefined;
}

/** What is not valid is dropped, so that a bad link still opens. */
export function validateTraceSearch(search: Readonly<Record<string, unknown>>): TraceSearch {
  const { span, view, find, show } = search;
  // An id of digits alone arrives as a number, unless it is quoted.
  const id = typeof span === 'number' ? String(span) : span;
  const text = typeof find === 'number' ? String(find) : find;
  const shown = SHOWN.find((known) => known === show && known !== 'all');
  const seen = VIEWS.find((known) => known === view);
  return {
    ...(seen === undefined || seen === 'waterfall' ? {} : { view: seen }),
    ...(typeof id === 'string' && /^[0-9a-f]{1,16}$/i.test(id) ? { span: id.toLowerCase() } : {}),
    ...(typeof text === 'string' && text !== '' && text.length <= 500 ? { find: text } : {}),
    ...(shown === undefined || shown === 'all' ? {} : { show: shown }),
  };
}
