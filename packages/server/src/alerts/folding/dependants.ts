import { type Alert, isResolvedAt } from '../received/alert.ts';
import { type FoldingWorld, judgeFolding } from './fold.ts';
import { leadsTo } from './service-map.ts';

/** What the page about a cause says of those that suffer from it. */
export interface DependantsWorld extends FoldingWorld {
  /** Services that alerts are about which may be folded. */
  symptomServices(): Iterable<string>;
  symptomsAt(service: string): Iterable<Alert>;
  /** Whether the receiver was told of an alert already. */
  isTold(alert: Alert): boolean;
}

/** Services that one page lists. */
const MOST_LISTED = 30;
/** Alerts of one service that are named. */
const MOST_NAMED = 5;

/** `gateway (HighErrorRate), order (BreakerOpen, told before), user`: services that suffer from what an alert is about; empty for none. */
export function dependantsText(cause: Alert, at: number, world: DependantsWorld): string {
  const { map } = world;
  const service = map.serviceOf(cause.labels);
  if (service === undefined) return '';
  const listed = new Map<string, readonly string[]>();
  for (const name of [...world.symptomServices()].sort()) {
    if (name === service || !leadsTo(map.calls(), name, service)) continue;
    const folded = [...world.symptomsAt(name)].filter(
      (alert) =>
        !isResolvedAt(alert, at) &&
        world.isHeard(alert) &&
        judgeFolding(alert, at, world)?.causes.includes(cause.fingerprint) === true,
    );
    if (folded.length > 0)
      listed.set(
        name,
        folded.slice(0, MOST_NAMED).map((alert) => named(alert, world)),
      );
  }
  for (const name of map.calls().keys())
    if (!listed.has(name) && map.standing(name)?.causedBy.includes(service) === true) listed.set(name, []);
  const texts = [...listed]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, alerts]) => (alerts.length === 0 ? name : `${name} (${alerts.join(', ')})`));
  const more = texts.length - MOST_LISTED;
  return [...texts.slice(0, MOST_LISTED), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

function named(alert: Alert, { isTold }: DependantsWorld): string {
  const name = alert.labels.get('alertname') ?? 'an alert';
  return isTold(alert) ? `${name}, told before` : name;
}
