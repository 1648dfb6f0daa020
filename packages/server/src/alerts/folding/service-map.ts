import type { LabelSet } from '../labels/label-set.ts';

/** Each service with those that it calls. */
type Calls = ReadonlyMap<string, ReadonlySet<string>>;

/** How a service is now. */
export interface Standing {
  /** Degraded or worse. */
  readonly isUnwell: boolean;
  /** It has a trouble that none of those it calls explains. */
  readonly hasOwnFault: boolean;
  /** Its callers feel what is wrong with it; memory that grows, for one, is nobody else's trouble yet. */
  readonly failsCallers: boolean;
  /** One that it calls does not answer it, as far as it says so itself. */
  readonly lacksAnswers: boolean;
  /** The services it suffers from. */
  readonly causedBy: readonly string[];
}

/** The live map of services, from memory and at once. */
export interface ServiceMap {
  /** The service that labels are about; undefined when they name none. */
  serviceOf(labels: LabelSet): string | undefined;
  /** Who called whom lately. The same object as long as nothing changed. */
  calls(): Calls;
  /** Whether anybody looked since the start. */
  isKnown(): boolean;
  /** Null when nothing is known of the service. */
  standing(service: string): Standing | null;
}

const NO_CALLS: Calls = new Map();

/** Where nobody knows who calls whom. */
export const NO_MAP: ServiceMap = {
  serviceOf: () => undefined,
  calls: () => NO_CALLS,
  isKnown: () => true,
  standing: () => null,
};

/** From a service to another along calls, both ends among them. */
type Way = readonly string[];

/** A service below another one. */
export interface Below {
  readonly name: string;
  readonly way: Way;
  /** Calls lead back from it. */
  readonly isMutual: boolean;
}

/** Found once as long as nobody calls anybody else: alerts are judged again and again. */
const FOUND = new WeakMap<Calls, Map<string, readonly Below[]>>();

/** The services that one reaches by at most so many calls, nearest first, each with the shortest way there. */
export function servicesBelow(calls: Calls, service: string, hops: number): readonly Below[] {
  const known = FOUND.get(calls) ?? new Map<string, readonly Below[]>();
  FOUND.set(calls, known);
  const key = `${hops} ${service}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const below = waysDown(calls, service, hops).map((way): Below => {
    const name = way.at(-1) ?? service;
    return { name, way, isMutual: leadsTo(calls, name, service) };
  });
  known.set(key, below);
  return below;
}

function waysDown(calls: Calls, from: string, hops: number): readonly Way[] {
  const seen = new Set([from]);
  const ways: Way[] = [];
  let edge: readonly Way[] = [[from]];
  for (let hop = 0; hop < hops && edge.length > 0; hop++) {
    edge = edge.flatMap((way) =>
      [...(calls.get(way.at(-1) ?? from) ?? [])].flatMap((next) => {
        if (seen.has(next)) return [];
        seen.add(next);
        return [[...way, next]];
      }),
    );
    ways.push(...edge);
  }
  return ways;
}

/** Whether calls lead from one service to another, over however many. */
export function leadsTo(calls: Calls, from: string, to: string): boolean {
  const seen = new Set([from]);
  for (const service of seen) {
    const called = calls.get(service) ?? [];
    for (const next of called) {
      if (next === to) return true;
      seen.add(next);
    }
  }
  return false;
}

/** `gateway calls order, which calls catalog` */
export function wayText(way: Way): string {
  const [first = '', second = '', ...further] = way;
  return `${first} calls ${second}${further.map((name) => `, which calls ${name}`).join('')}`;
}
