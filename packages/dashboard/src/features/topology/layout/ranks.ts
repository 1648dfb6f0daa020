/** Who calls whom, by names. */
export interface Call {
  readonly source: string;
  readonly target: string;
}

/** Names and calls without repeats, calls to oneself and calls of nobody, in the order of names: equal graphs become equal lists. */
export function tidy(
  names: readonly string[],
  calls: readonly Call[],
): { readonly names: readonly string[]; readonly calls: readonly Call[] } {
  const known = new Set(names);
  const pairs = new Map<string, Call>();
  for (const { source, target } of calls)
    if (source !== target && known.has(source) && known.has(target))
      pairs.set(`${source}\n${target}`, { source, target });
  const sorted = [...pairs].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, call]) => call);
  return { names: [...known].toSorted(), calls: sorted };
}

function listsOf(
  names: readonly string[],
  calls: readonly Call[],
  from: 'source' | 'target',
): Map<string, string[]> {
  const lists = new Map<string, string[]>(names.map((name) => [name, []]));
  const other = from === 'source' ? 'target' : 'source';
  for (const call of calls) lists.get(call[from])?.push(call[other]);
  return lists;
}

/**
 * Turns the calls that close a circle, so that the rest leads one way (a depth-first search from those whom nobody calls). Answers every call
 * as it points now.
 */
export function withoutCircles(names: readonly string[], calls: readonly Call[]): readonly Call[] {
  const next = listsOf(names, calls, 'source');
  const callers = listsOf(names, calls, 'target');
  const state = new Map<string, 'open' | 'done'>();
  const turned = new Set<string>();
  const visit = (start: string): void => {
    const path: { readonly name: string; at: number }[] = [{ name: start, at: 0 }];
    state.set(start, 'open');
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const target = next.get(top.name)?.[top.at++];
      if (target === undefined) {
        state.set(top.name, 'done');
        path.pop();
      } else if (state.get(target) === 'open') turned.add(`${top.name}\n${target}`);
      else if (!state.has(target)) {
        state.set(target, 'open');
        path.push({ name: target, at: 0 });
      }
    }
  };
  const first = names.filter((name) => callers.get(name)?.length === 0);
  for (const name of [...first, ...names]) if (!state.has(name)) visit(name);
  return calls.map(({ source, target }) =>
    turned.has(`${source}\n${target}`) ? { source: target, target: source } : { source, target },
  );
}

/** The layer of each name: one right of the last of its callers; who has no caller stands right before the first that it calls. */
export function ranksOf(names: readonly string[], calls: readonly Call[]): ReadonlyMap<string, number> {
  const next = listsOf(names, calls, 'source');
  const callers = listsOf(names, calls, 'target');
  const waiting = new Map(names.map((name) => [name, callers.get(name)?.length ?? 0]));
  const ranks = new Map(names.map((name) => [name, 0]));
  const ready = names.filter((name) => waiting.get(name) === 0);
  for (let at = 0; at < ready.length; at++) {
    const name = ready[at] ?? '';
    for (const target of next.get(name) ?? []) {
      ranks.set(target, Math.max(ranks.get(target) ?? 0, (ranks.get(name) ?? 0) + 1));
      const left = (waiting.get(target) ?? 0) - 1;
      waiting.set(target, left);
      if (left === 0) ready.push(target);
    }
  }
  for (const name of names) {
    const called = next.get(name) ?? [];
    if (callers.get(name)?.length === 0 && called.length > 0)
      ranks.set(name, Math.min(...called.map((target) => ranks.get(target) ?? 0)) - 1);
  }
  return ranks;
}
