import type { ErrorGroup } from './group.ts';

/** A group without an error for so long may give way to another one. */
const IDLE_MS = 86_400_000;

export type Room =
  | { readonly gives: ErrorGroup; readonly because: 'resolved' | 'idle' | 'share' }
  /** Nobody gives way: the service has its share, or all groups there are stay. */
  | { readonly gives: null; readonly because: 'service' | 'tenant' };

export interface RoomAsk {
  readonly groups: readonly ErrorGroup[];
  /** Ids of groups that do not give way: errors are on their way to them. */
  readonly spared: ReadonlySet<string>;
  /** Services of new groups that are not among them yet. */
  readonly coming: Iterable<string>;
  /** Whose group asks for room. */
  readonly service: string;
  /** Groups there may be. */
  readonly most: number;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * Which group gives way to a new one where there are as many as may be. Services share them evenly: one that has its share gives of its own,
 * what is resolved or idle; one that has not gets of those that have more, in the end their oldest. What people ignore or merged stays.
 */
export function roomFor({ groups, spared, coming, service, most, now }: RoomAsk): Room {
  const counts = new Map<string, number>([[service, 0]]);
  const count = (name: string): unknown => counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const group of groups) count(serviceOf(group));
  for (const name of coming) count(name);
  const share = Math.max(1, Math.floor(most / counts.size));
  const own = (counts.get(service) ?? 0) >= share;
  const largest = Math.max(...counts.values());
  const oldest: Partial<Record<'resolved' | 'idle' | 'share', ErrorGroup>> = {};
  const offer = (because: keyof typeof oldest, group: ErrorGroup): void => {
    if (group.lastSeen < (oldest[because]?.lastSeen ?? Number.POSITIVE_INFINITY)) oldest[because] = group;
  };
  for (const group of groups) {
    const name = serviceOf(group);
    const has = counts.get(name) ?? 0;
    if (stays(group) || spared.has(group.id) || (own ? name !== service : has <= share && largest > share))
      continue;
    if (group.state.status === 'resolved') offer('resolved', group);
    else if (now - group.lastSeen > IDLE_MS) offer('idle', group);
    if (!own && has === largest && has > share) offer('share', group);
  }
  for (const because of ['resolved', 'idle', 'share'] as const) {
    const gives = oldest[because];
    if (gives !== undefined) return { gives, because };
  }
  return { gives: null, because: own ? 'service' : 'tenant' };
}

/** Its first one: a group of several services takes the place of one. */
export function serviceOf({ services }: ErrorGroup): string {
  const [first = ''] = services.keys();
  return first;
}

function stays({ state, merged }: ErrorGroup): boolean {
  return state.status === 'ignored' || merged.length > 0;
}
