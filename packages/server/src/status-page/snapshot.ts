import type { Incident, StatusPage } from './definition.ts';
import { isOver } from './definition.ts';
import { uptimeOf } from './uptime.ts';

/** How a component is, in the words of the page. */
export type PublicStatus = 'operational' | 'degraded' | 'down' | 'maintenance' | 'unknown';

/** What is known of what a component stands for. */
export interface Known {
  readonly status: 'healthy' | 'degraded' | 'unhealthy' | 'unknown';
  readonly maintenance: boolean;
  /** Shares of days, the newest last. */
  readonly days: readonly (number | null)[];
  /** Milliseconds, of the last 24 hours; null when it is not shown or not known. */
  readonly responseMs: number | null;
}

export interface PublicComponent {
  readonly id: string;
  readonly name: string;
  readonly status: PublicStatus;
  readonly uptime: number | null;
  readonly days: readonly (number | null)[];
  readonly responseMs: number | null;
}

/** All that the public may know. It holds no name, address or reason of the inside. */
export interface Snapshot {
  readonly title: string;
  readonly description: string;
  readonly webhooks: boolean;
  readonly status: PublicStatus;
  /** Epoch ms. */
  readonly at: number;
  readonly groups: readonly { readonly name: string; readonly components: readonly PublicComponent[] }[];
  /** The newest first. */
  readonly incidents: readonly Incident[];
}

const STATUS: Readonly<Record<Known['status'], PublicStatus>> = {
  healthy: 'operational',
  degraded: 'degraded',
  unhealthy: 'down',
  unknown: 'unknown',
};
const WORST: readonly PublicStatus[] = ['down', 'degraded', 'maintenance', 'unknown', 'operational'];

/** What the public sees now. `known` says what stands behind a component; null when that is gone. */
export function snapshotOf(
  page: StatusPage,
  incidents: readonly Incident[],
  known: (id: string) => Known | null,
  now: number,
): Snapshot {
  const maintained = new Set(
    incidents
      .filter((one) => one.impact === 'maintenance' && !isOver(one) && one.updates[0]?.phase !== 'planned')
      .flatMap(({ components }) => components),
  );
  const groups = page.groups.map(({ name, components }) => ({
    name,
    components: components.map(({ id, name: called }): PublicComponent => {
      const found = known(id);
      const days = found?.days ?? [];
      return {
        id,
        name: called,
        days,
        status:
          found?.maintenance === true || maintained.has(id)
            ? 'maintenance'
            : STATUS[found?.status ?? 'unknown'],
        uptime: uptimeOf(days),
        responseMs: found?.responseMs ?? null,
      };
    }),
  }));
  const statuses = groups.flatMap(({ components }) => components.map(({ status }) => status));
  return {
    title: page.title,
    description: page.description,
    webhooks: page.webhooks,
    status: WORST.find((status) => statuses.includes(status)) ?? 'unknown',
    at: now,
    groups,
    incidents,
  };
}

/** The changes of components between two snapshots; none for those that one of them does not know. */
export function changesOf(before: Snapshot, after: Snapshot): readonly PublicComponent[] {
  const was = new Map(
    before.groups.flatMap(({ components }) => components.map(({ id, status }) => [id, status] as const)),
  );
  return after.groups
    .flatMap(({ components }) => components)
    .filter(({ id, status }) => {
      const old = was.get(id);
      return old !== undefined && old !== status && old !== 'unknown' && status !== 'unknown';
    });
}
