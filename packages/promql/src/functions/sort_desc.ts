import { byValue, sorting } from './sorting.ts';

/** `sort_desc(v)`: samples by value, descending. */
export const sort_desc = sorting(() => byValue(-1));
