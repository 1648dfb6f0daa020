import type { WrittenRoute } from '../config/route.ts';
import { type LabelSet, labelSet } from '../labels/label-set.ts';
import { type AlertMatcher, formatMatchers, matchesAll, sortMatchers } from '../matchers/matcher.ts';

/** How alerts that end at a node are grouped, timed and told of; what a node does not say it has from above. */
export interface RouteOptions {
  readonly receiver: string;
  readonly groupBy: ReadonlySet<string>;
  /** Each alert is a group of its own. */
  readonly isGroupedByAll: boolean;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  /** Not taken from above, as in Alertmanager. */
  readonly muteTimeIntervals: readonly string[];
  /** Not taken from above either. */
  readonly activeTimeIntervals: readonly string[];
}

export interface RouteNode {
  readonly options: RouteOptions;
  readonly matchers: readonly AlertMatcher[];
  /** After a match here, the next nodes of the same level are looked at, too. */
  readonly continue: boolean;
  readonly children: readonly RouteNode[];
  /** Matchers from the root to here, `{}/{team="a"}`; two nodes may have the same. It is the first part of a group's key. */
  readonly key: string;
  /** The same with positions; no two nodes have the same. */
  readonly id: string;
}

/** Alertmanager's defaults, in ms. */
const DEFAULTS: RouteOptions = {
  receiver: '',
  groupBy: new Set(),
  isGroupedByAll: false,
  groupWaitMs: 30_000,
  groupIntervalMs: 300_000,
  repeatIntervalMs: 14_400_000,
  muteTimeIntervals: [],
  activeTimeIntervals: [],
};

export function routeTree(root: WrittenRoute): RouteNode {
  return nodeOf(root, DEFAULTS, null, 0);
}

function nodeOf(
  written: WrittenRoute,
  above: RouteOptions,
  parent: Pick<RouteNode, 'key' | 'id'> | null,
  position: number,
): RouteNode {
  const matchers = sortMatchers(written.matchers);
  const own = formatMatchers(matchers);
  const key = parent === null ? own : `${parent.key}/${own}`;
  const id = parent === null ? own : `${parent.id}/${own}/${position}`;
  const options = optionsOf(written, above);
  return {
    options,
    matchers,
    continue: written.continue,
    children: written.routes.map((child, i) => nodeOf(child, options, { key, id }, i)),
    key,
    id,
  };
}

function optionsOf(written: WrittenRoute, above: RouteOptions): RouteOptions {
  const { grouping } = written;
  const names = grouping?.names ?? [];
  return {
    receiver: written.receiver ?? above.receiver,
    groupBy: names.length > 0 ? new Set(names) : above.groupBy,
    isGroupedByAll: names.length > 0 ? false : (grouping?.isByAll ?? false) || above.isGroupedByAll,
    groupWaitMs: written.groupWaitMs ?? above.groupWaitMs,
    groupIntervalMs: written.groupIntervalMs ?? above.groupIntervalMs,
    repeatIntervalMs: written.repeatIntervalMs ?? above.repeatIntervalMs,
    muteTimeIntervals: written.muteTimeIntervals,
    activeTimeIntervals: written.activeTimeIntervals,
  };
}

/** The nodes an alert ends at, depth first, left to right; never none. */
export function matchingRoutes(root: RouteNode, labels: LabelSet): readonly RouteNode[] {
  return walkRoutes(root, labels).matched;
}

/** A look at one node on the way of an alert through the tree. */
interface RouteStep {
  readonly node: RouteNode;
  /** 0 is the root. */
  readonly depth: number;
  readonly isMatch: boolean;
  /** What did not match; null when all did. */
  readonly failed: AlertMatcher | null;
}

export interface RouteWalk {
  readonly matched: readonly RouteNode[];
  /** Every node that was looked at, in order. */
  readonly steps: readonly RouteStep[];
}

/** The same with the way there, for those who ask why. */
export function walkRoutes(root: RouteNode, labels: LabelSet): RouteWalk {
  const steps: RouteStep[] = [];
  const visit = (node: RouteNode, depth: number): readonly RouteNode[] => {
    const failed = node.matchers.find((one) => !matchesAll([one], labels)) ?? null;
    steps.push({ node, depth, isMatch: failed === null, failed });
    if (failed !== null) return [];
    const below: RouteNode[] = [];
    for (const child of node.children) {
      const matched = visit(child, depth + 1);
      below.push(...matched);
      if (matched.length > 0 && !child.continue) break;
    }
    return below.length > 0 ? below : [node];
  };
  return { matched: visit(root, 0), steps };
}

/** The labels that alerts of one group share at a node. */
export function groupLabelsOf(labels: LabelSet, { groupBy, isGroupedByAll }: RouteOptions): LabelSet {
  return isGroupedByAll ? labels : labelSet([...labels].filter(([name]) => groupBy.has(name)));
}
