import type { Status } from '../../api/contracts.ts';
import type { Figures, NodeType, Topology } from './contracts.ts';
import type { TopologySearch } from './search.ts';

/** Whether something was there in the time that is compared with, is there now, or both. */
type Presence = 'both' | 'new' | 'gone';

interface Compared {
  readonly figures: Figures;
  /** In the time that is compared with; null when it was not there, undefined when nothing is compared. */
  readonly before: Figures | null | undefined;
  readonly presence: Presence;
}

export interface MapNode extends Compared {
  readonly id: string;
  readonly name: string;
  readonly type: NodeType;
  readonly status: Status;
  /** Whether the status is what the service's own sources say, or was read from how calls to it went. */
  readonly statusFrom: 'health' | 'calls';
}

export interface MapCall extends Compared {
  readonly source: string;
  readonly target: string;
  readonly status: Status;
}

export interface MapModel {
  readonly nodes: readonly MapNode[];
  readonly calls: readonly MapCall[];
}

/** From this share of failed calls on the called side is degraded, or unhealthy. */
const DEGRADED = 0.01;
const UNHEALTHY = 0.05;

/** How calls went, as a state. */
function statusOfCalls({ calls, error_ratio: failed }: Pick<Figures, 'calls' | 'error_ratio'>): Status {
  if (calls === 0 || failed === null) return 'unknown';
  return failed >= UNHEALTHY ? 'unhealthy' : failed >= DEGRADED ? 'degraded' : 'healthy';
}

const NONE: Figures = { calls: 0, errors: 0, rate: 0, error_ratio: null, p50: null, p95: null, p99: null };

/** Those of now, and those that only were there before, each with its figures then. */
function compared<T extends Figures>(
  now: readonly T[],
  before: readonly T[] | undefined,
  keyOf: (one: T) => string,
): { readonly one: T; readonly compared: Compared }[] {
  if (before === undefined)
    return now.map((one) => ({ one, compared: { figures: one, before: undefined, presence: 'both' } }));
  const then = new Map(before.map((one) => [keyOf(one), one]));
  const present = new Set(now.map(keyOf));
  return [
    ...now.map((one) => {
      const old = then.get(keyOf(one)) ?? null;
      return {
        one,
        compared: { figures: one, before: old, presence: old === null ? 'new' : 'both' } as const,
      };
    }),
    ...before
      .filter((one) => !present.has(keyOf(one)))
      .map((one) => ({ one, compared: { figures: NONE, before: one, presence: 'gone' } as const })),
  ];
}

/**
 * The map of a graph. A service's state is that of its health in the shown time, the worst where that is past; of stores, others, and
 * services of which nothing is known then, it is read from how calls to them went.
 */
export function modelOf(
  now: Topology,
  before: Topology | undefined,
  health: ReadonlyMap<string, Status>,
): MapModel {
  const nodes = compared(now.nodes, before?.nodes, ({ id }) => id).map(({ one, compared: rest }): MapNode => {
    const known = one.type === 'service' ? health.get(one.name) : undefined;
    const { id, name, type } = one;
    return {
      id,
      name,
      type,
      ...rest,
      status: known ?? statusOfCalls(rest.figures),
      statusFrom: known === undefined ? 'calls' : 'health',
    };
  });
  const calls = compared(now.edges, before?.edges, ({ source, target }) => `${source}\n${target}`).map(
    ({ one: { source, target }, compared: rest }): MapCall => ({
      source,
      target,
      ...rest,
      status: statusOfCalls(rest.figures),
    }),
  );
  return { nodes, calls };
}

function isTroubled(status: Status): boolean {
  return status === 'unhealthy' || status === 'degraded';
}

/** What the filters leave of a map. */
export function filtered(
  { nodes, calls }: MapModel,
  { failing, stores, around }: Pick<TopologySearch, 'failing' | 'stores' | 'around'>,
): MapModel {
  const types = new Map(nodes.map(({ id, type }) => [id, type]));
  const kept = calls.filter(
    ({ source, target, figures }) =>
      (stores !== false || types.get(target) === 'service') &&
      (failing !== true || figures.errors > 0) &&
      (around === undefined || source === around || target === around),
  );
  const ends = new Set(kept.flatMap(({ source, target }) => [source, target]));
  return {
    calls: kept,
    nodes: nodes.filter(({ id, type, status, figures }) => {
      if (stores === false && type !== 'service') return false;
      if (ends.has(id)) return true;
      if (around !== undefined) return id === around;
      return failing !== true || figures.errors > 0 || isTroubled(status);
    }),
  };
}

/** The worst first, then the busiest. */
export function bySeverity<T extends Compared>(list: readonly T[]): readonly T[] {
  return list.toSorted(
    (a, b) => (b.figures.error_ratio ?? 0) - (a.figures.error_ratio ?? 0) || b.figures.rate - a.figures.rate,
  );
}
