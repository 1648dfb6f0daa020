/** Service to the services that it calls. */
export type CallMap = ReadonlyMap<string, ReadonlySet<string>>;

/** How two services hang together in the live map. */
export type Tie =
  | { readonly kind: 'same' }
  /** Each calls the next; the first and the last are the two. */
  | { readonly kind: 'calls'; readonly path: readonly string[] }
  /** Both call it: what it does to one it may do to the other. */
  | { readonly kind: 'shared callee'; readonly over: string }
  /** It calls both, which by itself says little: a gateway calls everything. */
  | { readonly kind: 'shared caller'; readonly over: string };

/**
 * The closest tie of two services, at most `hops` calls away from each other; null where there is none. What fails hurts its callers, so a
 * path along calls counts before what merely has a neighbour in common.
 */
export function tieOf(a: string, b: string, calls: CallMap, hops: number): Tie | null {
  if (a === b) return { kind: 'same' };
  const path = pathOf(a, b, calls, hops) ?? pathOf(b, a, calls, hops);
  if (path !== null) return { kind: 'calls', path };
  if (hops < 2) return null;
  const over = [...(calls.get(a) ?? [])].find((one) => calls.get(b)?.has(one) === true);
  if (over !== undefined) return { kind: 'shared callee', over };
  for (const [caller, called] of calls)
    if (called.has(a) && called.has(b)) return { kind: 'shared caller', over: caller };
  return null;
}

/** The shortest way from one to the other along calls; null when it is longer than so many. */
function pathOf(from: string, to: string, calls: CallMap, hops: number): readonly string[] | null {
  let ends: readonly (readonly string[])[] = [[from]];
  const seen = new Set([from]);
  for (let hop = 0; hop < hops; hop++) {
    const next: (readonly string[])[] = [];
    for (const path of ends)
      for (const name of calls.get(path.at(-1) ?? '') ?? []) {
        if (name === to) return [...path, name];
        if (seen.has(name)) continue;
        seen.add(name);
        next.push([...path, name]);
      }
    ends = next;
  }
  return null;
}

export function tieWords(a: string, b: string, tie: Tie): string {
  switch (tie.kind) {
    case 'same':
      return `the same service: ${a}`;
    case 'calls': {
      const [caller, ...rest] = tie.path;
      const over = rest.slice(0, -1);
      const way = over.length === 0 ? '' : ` over ${over.join(' and ')}`;
      return `${caller} calls ${rest.at(-1)}${way}`;
    }
    case 'shared callee':
      return `${a} and ${b} both call ${tie.over}`;
    case 'shared caller':
      return `${tie.over} calls both ${a} and ${b}`;
  }
}
