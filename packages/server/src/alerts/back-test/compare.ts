import type { Firing } from './spell.ts';

/** What another version of a rule would have done otherwise. */
export type Change =
  | { readonly kind: 'added'; readonly after: Firing }
  | { readonly kind: 'removed'; readonly before: Firing }
  /** It fires in both, from or until another time. */
  | { readonly kind: 'shifted'; readonly before: Firing; readonly after: Firing }
  | { readonly kind: 'same'; readonly before: Firing; readonly after: Firing };

/** Times that differ by no more than this are the same: two versions may be evaluated at different instants. In ms. */
export interface Tolerance {
  readonly ms: number;
}

/**
 * Which firings of one version are which of the other: those of the same series that overlap. Series are told apart by the labels that both
 * versions' answers have; where they have none in common, time alone counts. In the order of time.
 */
export function compareFirings(
  before: readonly Firing[],
  after: readonly Firing[],
  { ms }: Tolerance,
): readonly Change[] {
  const keyOf = commonKey(before, after);
  const waiting = new Map<string, Firing[]>();
  for (const one of byTime(before)) {
    const key = keyOf(one);
    const known = waiting.get(key);
    if (known === undefined) waiting.set(key, [one]);
    else known.push(one);
  }
  const changes: Change[] = [];
  for (const one of byTime(after)) {
    const candidates = waiting.get(keyOf(one)) ?? [];
    const index = candidates.findIndex((other) => overlap(one, other));
    const [found] = index < 0 ? [] : candidates.splice(index, 1);
    if (found === undefined) changes.push({ kind: 'added', after: one });
    else changes.push({ kind: isSame(found, one, ms) ? 'same' : 'shifted', before: found, after: one });
  }
  for (const rest of waiting.values())
    changes.push(...rest.map((one): Change => ({ kind: 'removed', before: one })));
  return changes.sort((a, b) => beginOf(a) - beginOf(b));
}

function byTime(firings: readonly Firing[]): readonly Firing[] {
  return firings.toSorted((a, b) => a.firedAt - b.firedAt);
}

function overlap(a: Firing, b: Firing): boolean {
  return (
    a.firedAt < (b.endedAt ?? Number.POSITIVE_INFINITY) && b.firedAt < (a.endedAt ?? Number.POSITIVE_INFINITY)
  );
}

function isSame(a: Firing, b: Firing, ms: number): boolean {
  if (Math.abs(a.firedAt - b.firedAt) > ms) return false;
  if (a.endedAt === null || b.endedAt === null) return a.endedAt === b.endedAt;
  return Math.abs(a.endedAt - b.endedAt) <= ms;
}

function beginOf(change: Change): number {
  return change.kind === 'removed' ? change.before.firedAt : change.after.firedAt;
}

/** A text of the labels that every firing of both versions has. */
function commonKey(before: readonly Firing[], after: readonly Firing[]): (firing: Firing) => string {
  let names: readonly string[] | null = null;
  for (const { source } of [...before, ...after]) {
    const own = source.toMap();
    names = names === null ? [...own.keys()] : names.filter((name) => own.has(name));
  }
  const common = names ?? [];
  return ({ source }) => JSON.stringify(common.map((name) => source.get(name)));
}
