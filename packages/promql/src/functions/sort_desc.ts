import { sortingByValue } from './sorting.ts';

/** `sort_desc(v)`: samples by value, descending. */
export const sort_desc = sortingByValue(-1);
