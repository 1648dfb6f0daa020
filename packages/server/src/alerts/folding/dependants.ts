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

/** Who suffers from the alerts about one service, as they are at one time and for one receiver. */
interface Sufferers {
  /** Alerts that are part of an alert's page, by its fingerprint and then by their service. */
  readonly folded: ReadonlyMap<string, ReadonlyMap<string, readonly Alert[]>>;
  /** Services that suffer, as health knows. */
  readonly services: readonly string[];
}

/** By service: a hundred thousand alerts about one service have the same sufferers, who are looked for once. */
export type KnownSufferers = Map<string, Sufferers>;

/** Services that one page lists. */
const MOST_LISTED = 30;
/** Alerts of one service that are named. */
const MOST_NAMED = 5;
/** Alerts about one service that are looked at, to name some. */
const MOST_JUDGED = 500;

/** `gateway (HighErrorRate), order (BreakerOpen, told before), user`: services that suffer from what an alert is about; empty for none. */
export function dependantsText(
  cause: Alert,
  at: number,
  world: DependantsWorld,
  known: KnownSufferers = new Map(),
): string {
  const service = world.map.serviceOf(cause.labels);
  if (service === undefined) return '';
  const sufferers = known.get(service) ?? sufferersFrom(service, at, world);
  known.set(service, sufferers);
  const folded = sufferers.folded.get(cause.fingerprint) ?? NONE;
  const names = [...new Set([...folded.keys(), ...sufferers.services])].sort();
  const texts = names.map((name) => {
    const alerts = (folded.get(name) ?? []).map((alert) => named(alert, world));
    return alerts.length === 0 ? name : `${name} (${alerts.join(', ')})`;
  });
  const more = texts.length - MOST_LISTED;
  return [...texts.slice(0, MOST_LISTED), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

const NONE: ReadonlyMap<string, readonly Alert[]> = new Map();

function sufferersFrom(service: string, at: number, world: DependantsWorld): Sufferers {
  const { map } = world;
  const folded = new Map<string, Map<string, Alert[]>>();
  for (const name of world.symptomServices()) {
    if (name === service || !leadsTo(map.calls(), name, service)) continue;
    let judged = 0;
    for (const alert of world.symptomsAt(name)) {
      if (isResolvedAt(alert, at) || !world.isHeard(alert)) continue;
      if (++judged > MOST_JUDGED) break;
      for (const cause of judgeFolding(alert, at, world)?.causes ?? []) {
        const of = folded.get(cause) ?? new Map<string, Alert[]>();
        folded.set(cause, of);
        const alerts = of.get(name) ?? [];
        if (alerts.length < MOST_NAMED) of.set(name, [...alerts, alert]);
      }
    }
  }
  const services = [...map.calls().keys()].filter(
    (name) => map.standing(name)?.causedBy.includes(service) === true,
  );
  return { folded, services };
}

function named(alert: Alert, { isTold }: DependantsWorld): string {
  const name = alert.labels.get('alertname') ?? 'an alert';
  return isTold(alert) ? `${name}, told before` : name;
}
