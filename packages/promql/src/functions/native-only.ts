import { vectorOf } from '../eval/value.ts';
import type { WholeFunction } from './types.ts';

/** Functions of native histograms alone: float samples, the only kind there is so far, have no answer. */
export const ofNativeHistograms: WholeFunction = { kind: 'whole', evaluate: () => vectorOf([], true) };
