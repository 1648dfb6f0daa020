import type { Component, Group, Source } from './contracts.ts';

/** As it stands in a list of choices, and back. */
export function sourceKey(of: Source): string {
  return 'probe' in of ? `probe ${of.probe}` : `service ${of.service}`;
}

export function sourceOf(key: string): Source | null {
  const at = key.indexOf(' ');
  const name = key.slice(at + 1);
  if (key.startsWith('probe ')) return { probe: name };
  return key.startsWith('service ') ? { service: name } : null;
}

/** The list with one entry replaced, or taken out when there is none to put there. */
export function withEntry<T>(list: readonly T[], index: number, entry: T | null): T[] {
  return list.flatMap((old, at) => (at === index ? (entry === null ? [] : [entry]) : [old]));
}

/** The list with one entry a place earlier or later; at the ends nothing changes. */
export function moved<T>(list: readonly T[], index: number, by: 1 | -1): T[] {
  const next = [...list];
  const [entry] = next.splice(index, 1);
  const to = Math.max(0, Math.min(list.length - 1, index + by));
  if (entry !== undefined) next.splice(to, 0, entry);
  return next;
}

export function componentsOf(groups: readonly Group[]): readonly (Component & { readonly id: string })[] {
  return groups.flatMap(({ components }) =>
    components.flatMap((one) => (one.id === undefined ? [] : [{ ...one, id: one.id }])),
  );
}

/** The server's words for one field of the page, such as `groups.0.components.1.name`. */
export function problemAt(
  problems: readonly { readonly field: string; readonly problem: string }[],
  path: string,
): string | undefined {
  return problems.find(({ field }) => field.replace(/^body\.?/, '').startsWith(path))?.problem;
}
