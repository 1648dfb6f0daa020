import { byLabels } from './label-order.ts';
import { sorting } from './sorting.ts';

/** `sort_by_label_desc(v, name...)`: samples by labels, descending, digits as numbers (experimental). */
export const sort_by_label_desc = sorting((input) => byLabels(input, -1), 'all');
