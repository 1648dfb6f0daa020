/** Time and randomness as the SDK injects them; the shop takes the same. */
export { type Clock, type Random, systemClock, systemRandom, type Timer } from '@pharos/node';

/** An instant as every API of the shop writes it. */
export function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
