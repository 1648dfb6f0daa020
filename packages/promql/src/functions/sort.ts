import { sortingByValue } from './sorting.ts';

/** `sort(v)`: samples by value, ascending. */
export const sort = sortingByValue(1);
