import { byValue, sorting } from './sorting.ts';

/** `sort(v)`: samples by value, ascending. */
export const sort = sorting(() => byValue(1));
