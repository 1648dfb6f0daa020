import type { ErrorGroup } from './group.ts';

const MOST_RELEASES = 100;

/** Releases in which the services of a group had errors, whatever group those are in; those that were seen last first. */
export function releasesIn(group: ErrorGroup, groups: readonly ErrorGroup[]): readonly string[] {
  const last = new Map<string, number>();
  for (const other of groups) {
    if (![...group.services.keys()].some((service) => other.services.has(service))) continue;
    for (const [name, seen] of other.releases) last.set(name, Math.max(last.get(name) ?? 0, seen.last));
  }
  return [...last]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST_RELEASES)
    .map(([name]) => name);
}
