/** The only source of randomness; uniform in [0, 1). Not for secrets: those come from node:crypto. */
export type Random = () => number;

export const systemRandom: Random = () => Math.random();

/** A seeded generator (mulberry32) for tests that must repeat. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A value within ± `fraction` of `base`, so that many loops do not beat together. */
export function jitter(random: Random, base: number, fraction = 0.1): number {
  return base * (1 + (random() * 2 - 1) * fraction);
}
