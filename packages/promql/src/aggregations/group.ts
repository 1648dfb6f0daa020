import { folding } from './folding.ts';

/** `group`: 1 for every group there is. */
export const group = folding(() => ({ add: () => undefined, result: () => 1 }), 'counted');
