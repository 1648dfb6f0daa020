import type { Receiver } from '../config/receiver.ts';
import type { Decision } from '../decisions/decision.ts';
import type { LogEntry } from '../pipeline/notification-log.ts';
import {
  type DeliveryParcel,
  type GroupRef,
  integrationName,
  runStages,
  type Stage,
  type World,
} from '../pipeline/parcel.ts';
import { audience } from '../pipeline/stages/audience.ts';
import { skipUnsent } from '../pipeline/stages/skip-unsent.ts';
import { noticeGroup, type Page } from './page/page.ts';
import type { Telling } from './page/step.ts';

/** A page is told because its policy says so: only what concerns the integration itself is asked. */
const STAGES: readonly Stage<DeliveryParcel>[] = [skipUnsent, audience];

interface PageTelling {
  readonly group: GroupRef;
  /** The key that its notifications have. */
  readonly key: string;
  readonly telling: Telling;
  /** Epoch ms. */
  readonly at: number;
}

interface PageParcels {
  readonly parcels: readonly DeliveryParcel[];
  readonly decisions: readonly Decision[];
}

/** What of a telling is to be handed over: each integration of each recipient. */
export function pageParcels(
  { group, key, telling, at }: PageTelling,
  { receivers, world }: { readonly receivers: readonly Receiver[]; readonly world: World },
): PageParcels {
  const { alerts } = telling;
  const names = (isResolved: boolean): readonly string[] =>
    alerts.filter((alert) => alert.isResolved === isResolved).map(({ fingerprint }) => fingerprint);
  const told = { at, alerts, firing: names(false), resolved: names(true), reason: 'paged' as const };
  const passed = telling.recipients.flatMap(({ receiver: name }) => {
    const { route, labels } = group;
    const to: GroupRef = { route: { ...route, options: { ...route.options, receiver: name } }, labels, key };
    const receiver = receivers.find((one) => one.name === name);
    return (receiver?.integrations ?? []).map((integration) =>
      runStages(STAGES, { ...told, group: to, integration }, world),
    );
  });
  return {
    parcels: passed.flatMap(({ parcel }) => parcel ?? []),
    decisions: passed.flatMap(({ decisions }) => decisions),
  };
}

/** Whether anybody knows of a page, as far as the notification log goes back. A beginning in the future is of a clock that was put back. */
export function isReached(
  page: Page,
  now: number,
  { receivers, world }: { readonly receivers: readonly Receiver[]; readonly world: World },
): boolean {
  const { since } = page.reach;
  return page.told.some(({ receiver: name }) =>
    (receivers.find((one) => one.name === name)?.integrations ?? []).some((one) => {
      const key = { group: noticeGroup(page), receiver: name, integration: integrationName(one) };
      const last = world.lastNotice(key);
      return last !== undefined && last.firing.length > 0 && (last.at >= since || since > now);
    }),
  );
}

/** Whether an integration was told of this very step, before a kill. What it was told in the future it was before the clock was put back. */
export function isToldBy(last: LogEntry, { since, isEnd }: Telling, now: number): boolean {
  return last.at >= since && last.at <= now && isEnd === (last.firing.length === 0);
}
