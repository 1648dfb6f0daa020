import { spikeOf, stepOf } from './analysis.ts';
import type { ErrorGroup } from './groups/group.ts';
import type { ErrorType, Severity } from './kinds.ts';
import type { ErrorCount } from './store/reader.ts';
import type { ErrorStore } from './store/store.ts';

/** A group whose errors in a window, at one of its services, are news. */
export interface ErrorFinding {
  readonly why: 'new' | 'regressed' | 'rising';
  /** Id of the group. */
  readonly group: string;
  readonly service: string;
  readonly name: string;
  readonly message: string;
  /** Where it is thrown: function and module, or the route; empty where nobody knows. */
  readonly culprit: string;
  readonly type: ErrorType;
  readonly severity: Severity;
  /** Errors of the group at this service in the window. */
  readonly count: number;
  /** Errors of the group that such a window usually has; 0 for what is new. */
  readonly expected: number;
  /** When it became news, epoch ms; null for what rises, whose beginning is not known. */
  readonly at: number | null;
}

/** Most errors first. `warnings` say what could not be read. */
export async function errorFindings(
  store: Pick<ErrorStore, 'groups' | 'reader'>,
  { tenant, from, to }: { readonly tenant: string; readonly from: number; readonly to: number },
  signal?: AbortSignal,
): Promise<{ readonly findings: readonly ErrorFinding[]; readonly warnings: readonly string[] }> {
  const times = { tenant, from: Math.max(0, from), to: Math.max(0, to) };
  const { counts, warnings } = await store.reader.counts(times, stepOf(to - from), signal);
  const findings = [...byGroup(counts)].flatMap(([id, { all, services }]): ErrorFinding[] => {
    const group = store.groups.find(tenant, id);
    const news = group === undefined ? null : newsOf(group, all, from, to);
    if (group === undefined || news === null) return [];
    const { name, message, culprit, type, severity } = group;
    return [...services].map(([service, count]) => ({
      ...news,
      group: group.id,
      service,
      name,
      message,
      culprit,
      type,
      severity,
      count,
    }));
  });
  return { findings: findings.sort((a, b) => b.count - a.count), warnings };
}

function byGroup(
  counts: readonly ErrorCount[],
): ReadonlyMap<string, { all: number; readonly services: Map<string, number> }> {
  const groups = new Map<string, { all: number; readonly services: Map<string, number> }>();
  for (const { group, service, count } of counts) {
    let known = groups.get(group);
    if (known === undefined) groups.set(group, (known = { all: 0, services: new Map<string, number>() }));
    known.all += count;
    known.services.set(service, (known.services.get(service) ?? 0) + count);
  }
  return groups;
}

function newsOf(
  group: ErrorGroup,
  count: number,
  from: number,
  to: number,
): Pick<ErrorFinding, 'why' | 'expected' | 'at'> | null {
  const { state, firstSeen } = group;
  if (state.status === 'ignored') return null;
  if (state.status === 'regressed' && state.at >= from && state.at <= to)
    return { why: 'regressed', expected: 0, at: state.at };
  if (firstSeen >= from && firstSeen <= to) return { why: 'new', expected: 0, at: firstSeen };
  const spike = spikeOf(group, count, from, to - from);
  return spike === null ? null : { why: 'rising', expected: spike.expected, at: null };
}
