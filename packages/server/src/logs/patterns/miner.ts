import { DrainTree, type Template } from './drain.ts';
import { tokensOf } from './tokens.ts';

export const MINUTE_MS = 60_000;
/** Counts per minute in memory. */
export const MEMORY_MS = 60 * MINUTE_MS;
/** A service's first patterns are no news. */
const LEARNING_MS = 10 * MINUTE_MS;
/** A pattern is missed when it came in so many minutes of the hour… */
const REGULAR_MINUTES = 20;
/** …and has been silent for so long while its service goes on. */
const SILENT_MS = 10 * MINUTE_MS;
const ALIVE_MS = 3 * MINUTE_MS;

/** Whose lines a pattern is of. */
export interface PatternKey {
  readonly tenant: string;
  readonly service: string;
  readonly level: string;
}

/** What happens to a pattern: something new, something missing, or back again. */
export const CHANGE_KINDS = ['new', 'vanished', 'returned'] as const;

export interface PatternChange extends PatternKey {
  readonly kind: (typeof CHANGE_KINDS)[number];
  /** As it reads now: a pattern becomes more general with the lines that join it. */
  readonly pattern: string;
  readonly at: number;
}

/** A pattern with what was counted. */
export interface PatternCount extends PatternKey {
  readonly pattern: string;
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** By minute, ms since the epoch. */
  readonly minutes: ReadonlyMap<number, number>;
}

/** Counts that are not stored yet. */
export interface PatternDelta extends PatternKey {
  readonly pattern: string;
  readonly minute: number;
  readonly count: number;
}

interface Mined {
  readonly minutes: Map<number, number>;
  readonly unsaved: Map<number, number>;
  isMissed: boolean;
}

interface Service {
  readonly key: PatternKey;
  readonly tree: DrainTree;
  readonly mined: Map<Template, Mined>;
  readonly since: number;
  lastLine: number;
  /** When a line of it was last looked at. */
  usedAt: number;
}

export interface MinerLimits {
  /** Templates of one service and level. */
  readonly perService: number;
  /** Services and levels. */
  readonly services: number;
}

/** Patterns of all services and their counts per minute; tells what changes. Bounded: services, templates of each, minutes. */
export class PatternMiner {
  readonly #limits: MinerLimits;
  readonly #changed: (change: PatternChange) => void;
  readonly #services = new Map<string, Service>();
  /** Before that no service is idle enough to make room. */
  #nextIdleAt = 0;
  #forgotten = 0;
  #refusedAt = Number.NEGATIVE_INFINITY;

  constructor(limits: MinerLimits, changed: (change: PatternChange) => void) {
    this.#limits = limits;
    this.#changed = changed;
  }

  get templates(): number {
    let count = 0;
    for (const { tree } of this.#services.values()) count += tree.size;
    return count;
  }

  get services(): number {
    return this.#services.size;
  }

  /** Services with levels that were let go to make room for others. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Whether lines of the last hour were not looked at, since there were too many services. */
  isPartial(now: number): boolean {
    return now - this.#refusedAt < MEMORY_MS;
  }

  /** Counts a line, or as many like it as it stands for. False when too many services have lines to take another. */
  learn(key: PatternKey, message: string, at: number, now: number, weight = 1): boolean {
    const service = this.#service(key, now);
    if (service === null) {
      this.#refusedAt = now;
      return false;
    }
    service.usedAt = now;
    service.lastLine = Math.max(service.lastLine, at);
    const { template, isNew } = service.tree.learn(tokensOf(message), at);
    let mined = service.mined.get(template);
    if (mined === undefined) {
      mined = { minutes: new Map(), unsaved: new Map(), isMissed: false };
      service.mined.set(template, mined);
      if (service.mined.size > 2 * this.#limits.perService) forgetGone(service);
      if (isNew && now - service.since >= LEARNING_MS) this.#change(service, template, 'new', now);
    } else if (mined.isMissed) {
      mined.isMissed = false;
      this.#change(service, template, 'returned', now);
    }
    const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    add(mined.unsaved, minute, weight);
    if (minute > now - MEMORY_MS && minute <= now + MEMORY_MS) add(mined.minutes, minute, weight);
    return true;
  }

  /** A pattern of an earlier process, so that it is not new again. */
  restore(key: PatternKey, pattern: string, firstSeen: number, lastSeen: number): void {
    const service = this.#service(key, firstSeen);
    if (service === null) return;
    service.usedAt = Math.max(service.usedAt, lastSeen);
    const { template } = service.tree.learn(tokensOf(pattern), lastSeen);
    template.firstSeen = Math.min(template.firstSeen, firstSeen);
    if (!service.mined.has(template))
      service.mined.set(template, { minutes: new Map(), unsaved: new Map(), isMissed: false });
  }

  /** To be called each minute: forgets old minutes and finds patterns that are missed. */
  tick(now: number): void {
    for (const service of this.#services.values())
      for (const [template, mined] of service.mined) {
        for (const minute of mined.minutes.keys()) if (minute < now - MEMORY_MS) mined.minutes.delete(minute);
        if (template.gone && mined.unsaved.size === 0) service.mined.delete(template);
        const silent = now - template.lastSeen;
        if (mined.isMissed || template.gone || silent < SILENT_MS || mined.minutes.size < REGULAR_MINUTES)
          continue;
        if (now - service.lastLine > ALIVE_MS) continue;
        mined.isMissed = true;
        this.#change(service, template, 'vanished', now);
      }
  }

  /** What was counted since the last call. */
  takeDeltas(): PatternDelta[] {
    const deltas: PatternDelta[] = [];
    for (const { key, mined } of this.#services.values())
      for (const [{ pattern }, { unsaved }] of mined) {
        for (const [minute, count] of unsaved) deltas.push({ ...key, pattern, minute, count });
        unsaved.clear();
      }
    return deltas;
  }

  /** The patterns of a tenant, with the minutes that memory has. */
  *patterns(tenant: string): IterableIterator<PatternCount> {
    for (const { key, mined } of this.#services.values()) {
      if (key.tenant !== tenant) continue;
      for (const [{ pattern, firstSeen, lastSeen, gone }, { minutes }] of mined)
        if (!gone) yield { ...key, pattern, firstSeen, lastSeen, minutes };
    }
  }

  #service(key: PatternKey, now: number): Service | null {
    const id = `${key.tenant}\u0000${key.service}\u0000${key.level}`;
    const known = this.#services.get(id);
    if (known !== undefined) return known;
    if (this.#services.size >= this.#limits.services && !this.#forgetIdlest(now)) return null;
    const service: Service = {
      key,
      tree: new DrainTree(this.#limits.perService),
      mined: new Map(),
      since: now,
      lastLine: 0,
      usedAt: now,
    };
    this.#services.set(id, service);
    return service;
  }

  /** Lets the service go whose last line is the longest ago, unless memory still has counts of it that the engine may not. */
  #forgetIdlest(now: number): boolean {
    if (now < this.#nextIdleAt) return false;
    let idlest: readonly [id: string, service: Service] | undefined;
    for (const entry of this.#services)
      if (idlest === undefined || entry[1].usedAt < idlest[1].usedAt) idlest = entry;
    if (idlest === undefined) return false;
    const [id, service] = idlest;
    this.#nextIdleAt = service.usedAt + MEMORY_MS;
    if (now < this.#nextIdleAt || hasUnsaved(service)) return false;
    this.#services.delete(id);
    this.#forgotten++;
    return true;
  }

  #change({ key }: Service, template: Template, kind: PatternChange['kind'], at: number): void {
    this.#changed({
      ...key,
      kind,
      at,
      get pattern() {
        return template.pattern;
      },
    });
  }
}

/** Lets go of templates that went before their counts were saved: a flood of lines that have nothing in common. */
function forgetGone({ mined }: Service): void {
  for (const template of mined.keys()) if (template.gone) mined.delete(template);
}

function hasUnsaved({ mined }: Service): boolean {
  for (const { unsaved } of mined.values()) if (unsaved.size > 0) return true;
  return false;
}

function add(counts: Map<number, number>, minute: number, weight: number): void {
  counts.set(minute, (counts.get(minute) ?? 0) + weight);
}
