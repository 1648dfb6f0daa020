import { byLabels } from './label-order.ts';
import { sorting } from './sorting.ts';

/** `sort_by_label(v, name...)`: samples by labels, ascending, digits as numbers (experimental). */
export const sort_by_label = sorting((input) => byLabels(input, 1), 'all');
