import { variance } from './variance.ts';

/** `stdvar`: population variance over a group. */
export const stdvar = variance((value) => value);
