import type { z } from 'zod';
import type { targetGroupsSchema } from './config.ts';
import type { Discoverer, TargetGroup } from './types.ts';

type ConfiguredGroups = z.output<typeof targetGroupsSchema>;

/** Configured groups as discovered ones; `source` names them by position below a prefix. */
export function groupsOf(groups: ConfiguredGroups, source: string): TargetGroup[] {
  return groups.map((group, index) => ({
    source: `${source}:${index}`,
    targets: group.targets.map((address) => ({ __address__: address })),
    labels: group.labels,
  }));
}

/** `static_configs`: known at once, never changing. */
export function createStaticDiscoverer(groups: ConfiguredGroups): Discoverer {
  return {
    start: (update) => update(groupsOf(groups, 'static')),
    stop: () => undefined,
  };
}
