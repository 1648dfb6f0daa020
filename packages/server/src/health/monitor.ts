import type { Clock, Timer } from '../kernel/clock.ts';
import type { ServiceNames } from '../kernel/names.ts';
import type { HealthPoller, PollTarget } from './poller.ts';
import {
  advance,
  type Judgement,
  judgeService,
  type Look,
  REPORT_EXPIRY_MS,
  type Report,
  type ServiceState,
  type SourceVerdict,
  type Transition,
} from './state.ts';

/**
 * What scraping knows of one target. As long as nothing new is known it is the same object; `label` is the same function for as long
 * as the target is there.
 */
export interface ScrapedTarget {
  readonly job: string;
  readonly instance: string;
  readonly label: (name: string) => string | undefined;
  /** The `/health` address to poll, or null when the target is not to be polled. */
  readonly healthUrl: string | null;
  readonly health: 'up' | 'down' | 'unknown';
  /** Wall-clock ms; 0 before the first scrape. */
  readonly lastScrape: number;
  readonly lastError: string;
}

interface InstanceHealth {
  readonly instance: string;
  readonly up: boolean | null;
  readonly lastScrape: number | null;
  readonly lastError: string | null;
}

export interface ServiceHealth extends ServiceState {
  readonly name: string;
  readonly sources: readonly SourceVerdict[];
  readonly instances: readonly InstanceHealth[];
}

export interface ServiceTransition extends Transition {
  readonly tenant: string;
  readonly service: string;
}

export interface MonitorOptions {
  readonly clock: Clock;
  readonly names: ServiceNames;
  readonly poller: HealthPoller;
  readonly targets: () => readonly ScrapedTarget[];
  readonly extraPolls: readonly PollTarget[];
  /** Targets are configured by the operator and belong to this tenant. */
  readonly targetTenant: string;
  readonly onTransition: (transition: ServiceTransition) => void;
}

const TICK_MS = 1000;
/** A service nobody has told anything of for this long is forgotten. */
const FORGET_AFTER_MS = 600_000;
/** What was known before a restart holds for this long without a first look: as long as a pushed report would. */
const RESTORED_HOLDS_MS = REPORT_EXPIRY_MS;

interface Known {
  state: ServiceState | null;
  health: ServiceHealth | null;
  report: Report['status'] | null;
  /** Monotonic ms, as are all of these: a wall clock that jumps must not expire reports, or keep them for ever. */
  reportedAt: number;
  lastHeard: number;
  /** Until when a restored state holds without a source. */
  holdsUntil: number;
  /** What the state was judged by; null before the first judgement. */
  judged: Seen | null;
}

/** A target's canonical service, and the target as one text. */
interface Identity {
  readonly service: string;
  readonly key: string;
}

/** What this second's sources say of one service. */
interface Seen {
  readonly scraped: readonly ScrapedTarget[];
  readonly polled: readonly Look[];
}

/** Brings the sources together once a second and keeps each service's state. */
export class HealthMonitor {
  readonly #options: MonitorOptions;
  /** tenant, then canonical service name. */
  readonly #services = new Map<string, Map<string, Known>>();
  readonly #scrapeLooks = new Map<string, Look>();
  readonly #identities = new WeakMap<ScrapedTarget['label'], Identity>();
  readonly #listeners = new Set<() => void>();
  #timer: Timer | null = null;

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.poller.start();
    this.#timer ??= this.#options.clock.every(TICK_MS, () => this.tick());
  }

  stop(): void {
    this.#options.poller.stop();
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** The state before a restart, so that an unchanged service does not look changed. */
  restore(tenant: string, service: string, state: ServiceState): void {
    const known = this.#known(tenant, service);
    known.state = state;
    known.health = { ...state, name: service, sources: [], instances: [] };
    known.holdsUntil = this.#options.clock.monotonic() + RESTORED_HOLDS_MS;
  }

  /** A pushed report (system C). */
  report(tenant: string, rawName: string, status: Report['status']): void {
    const known = this.#known(tenant, this.#options.names.canonical(rawName));
    known.report = status;
    known.reportedAt = this.#options.clock.monotonic();
  }

  /** By name. */
  list(tenant: string): readonly ServiceHealth[] {
    const known = this.#services.get(tenant) ?? new Map<string, Known>();
    return [...known.values()]
      .flatMap(({ health }) => (health === null ? [] : [health]))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Called after any service's state or reasons changed. Returns the unsubscribe. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tick(): void {
    const now = this.#options.clock.monotonic();
    const targets = this.#byService();
    const polled = this.#looksByService();
    let changed = false;
    for (const [tenant, services] of this.#services) {
      for (const [name, known] of services) {
        const own = tenant === this.#options.targetTenant;
        const seen = { scraped: (own && targets.get(name)) || [], polled: (own && polled.get(name)) || [] };
        changed = this.#judge(tenant, name, known, seen) || changed;
        if (known.lastHeard + FORGET_AFTER_MS < now) changed = services.delete(name) || changed;
      }
    }
    if (changed) for (const listener of this.#listeners) listener();
  }

  #judge(tenant: string, name: string, known: Known, { scraped, polled }: Seen): boolean {
    const now = this.#options.clock.now();
    const monotonic = this.#options.clock.monotonic();
    if (isJudged(known, { scraped, polled }) && monotonic >= known.holdsUntil) {
      if (scraped.length > 0 || polled.length > 0) known.lastHeard = monotonic;
      return false;
    }
    const scrape = scraped.flatMap((target) => this.#scrapeLooks.get(this.#identity(target).key) ?? []);
    const report =
      known.report === null ? null : { status: known.report, at: now - (monotonic - known.reportedAt) };
    const judged = judgeService({ scrape, poll: polled, report }, now);
    if (scraped.length > 0 || polled.length > 0) known.lastHeard = monotonic;
    if (report !== null) known.lastHeard = Math.max(known.lastHeard, known.reportedAt);
    // Before the first look is in there is nothing to say; a restart must not turn every service unknown.
    if (known.state === null && saysTooLittle(judged)) return false;
    if (known.state !== null && monotonic < known.holdsUntil && saysNothingYet(judged, known.state))
      return holdRestored(known, known.state, name, scraped);
    const { state, effects } = advance(known.state, judged, now);
    const before = known.health;
    known.state = state;
    known.judged = { scraped, polled };
    known.health = { ...state, name, sources: judged.sources, instances: scraped.map(instanceOf) };
    for (const effect of effects) this.#options.onTransition({ ...effect, tenant, service: name });
    return (
      before === null ||
      effects.length > 0 ||
      JSON.stringify(before.reasons) !== JSON.stringify(state.reasons) ||
      before.instances.length !== scraped.length
    );
  }

  /** Updates the looks from the scrape manager and the poller's targets, and groups targets by canonical service. */
  #byService(): Map<string, ScrapedTarget[]> {
    const grouped = new Map<string, ScrapedTarget[]>();
    const polls: PollTarget[] = [...this.#options.extraPolls];
    const seen = new Set<string>();
    for (const target of this.#options.targets()) {
      const { service: name, key } = this.#identity(target);
      this.#known(this.#options.targetTenant, name);
      const group = grouped.get(name);
      if (group === undefined) grouped.set(name, [target]);
      else group.push(target);
      seen.add(key);
      this.#look(target, key);
      if (target.healthUrl !== null)
        polls.push({ service: name, instance: target.instance, url: target.healthUrl });
    }
    for (const key of this.#scrapeLooks.keys()) if (!seen.has(key)) this.#scrapeLooks.delete(key);
    for (const poll of this.#options.extraPolls) this.#known(this.#options.targetTenant, poll.service);
    this.#options.poller.setTargets(polls);
    return grouped;
  }

  #looksByService(): Map<string, Look[]> {
    const grouped = new Map<string, Look[]>();
    for (const { target, look } of this.#options.poller.looks()) {
      const group = grouped.get(target.service);
      if (group === undefined) grouped.set(target.service, [look]);
      else group.push(look);
    }
    return grouped;
  }

  #identity(target: ScrapedTarget): Identity {
    let identity = this.#identities.get(target.label);
    if (identity === undefined) {
      const named = this.#options.names.of((label) => (label === 'job' ? target.job : target.label(label)));
      identity = { service: named ?? target.job, key: keyOf(target) };
      this.#identities.set(target.label, identity);
    }
    return identity;
  }

  #look(target: ScrapedTarget, key: string): void {
    if (target.health === 'unknown') return;
    const before = this.#scrapeLooks.get(key);
    if (before?.at === target.lastScrape) return;
    const ok = target.health === 'up';
    const inARow = before?.ok === ok ? before.inARow + 1 : 1;
    this.#scrapeLooks.set(key, {
      instance: target.instance,
      ok,
      inARow,
      at: target.lastScrape,
      error: ok ? undefined : target.lastError,
    });
  }

  #known(tenant: string, name: string): Known {
    let services = this.#services.get(tenant);
    if (services === undefined) this.#services.set(tenant, (services = new Map<string, Known>()));
    let known = services.get(name);
    if (known === undefined)
      services.set(
        name,
        (known = {
          state: null,
          health: null,
          report: null,
          reportedAt: 0,
          lastHeard: this.#options.clock.monotonic(),
          holdsUntil: 0,
          judged: null,
        }),
      );
    return known;
  }
}

/** Whether the state was judged by just these looks. Reports grow old, so they are judged each time. */
function isJudged({ state, report, judged }: Known, { scraped, polled }: Seen): boolean {
  if (state === null || report !== null || judged === null) return false;
  return sameItems(judged.scraped, scraped) && sameItems(judged.polled, polled);
}

function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, i) => item === other[i]);
}

/** After a restart: no look is in yet, or only first ones of a service that was down before and fails them again. */
function saysNothingYet(judged: Judgement, restored: ServiceState): boolean {
  return judged.sources.every((source) => restored.status === 'unhealthy' && isFirstFailure(source));
}

/** Shows the state from before the restart as it was. */
function holdRestored(
  known: Known,
  state: ServiceState,
  name: string,
  scraped: readonly ScrapedTarget[],
): boolean {
  const first = known.health === null;
  known.health = { ...state, name, sources: [], instances: scraped.map(instanceOf) };
  return first;
}

/** A service that has just been configured may still be starting: one failed look at it says nothing yet. */
/** Nothing was looked at, or the metrics of a service that may be starting were missed once. */
function saysTooLittle({ status, sources }: Judgement): boolean {
  return sources.length === 0 || (status === 'degraded' && sources.some(firstLookFailed));
}

function firstLookFailed(source: SourceVerdict): boolean {
  return source.kind === 'scrape' && isFirstFailure(source);
}

function isFirstFailure(source: SourceVerdict): boolean {
  return source.failing && source.status === 'degraded';
}

function keyOf(target: ScrapedTarget): string {
  return `${target.job}\u0000${target.instance}`;
}

function instanceOf(target: ScrapedTarget): InstanceHealth {
  return {
    instance: target.instance,
    up: target.health === 'unknown' ? null : target.health === 'up',
    lastScrape: target.lastScrape === 0 ? null : target.lastScrape,
    lastError: target.lastError === '' ? null : target.lastError,
  };
}
