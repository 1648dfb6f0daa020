import type { Clock, Timer } from '../kernel/clock.ts';
import type { ServiceNames } from '../kernel/names.ts';
import { type Calls, causesOf, dependencyReasons, type Judged, waitsForMachine } from './dependencies.ts';
import type { Look } from './looks.ts';
import type { HealthPoller, PollTarget } from './poller.ts';
import { REPORT_EXPIRY_MS, type Report } from './report.ts';
import { saysNothingYet, saysTooLittle } from './restored.ts';
import type { Signal, SignalSource } from './signal.ts';
import { advance, type Judgement, judgeService, type ServiceState, type Transition } from './state.ts';
import { type InstanceHealth, instanceOf, type ScrapedTarget, ScrapeLooks } from './targets.ts';
import type { Reason, SourceVerdict } from './verdict.ts';

export interface ServiceHealth extends Pick<ServiceState, 'status' | 'since' | 'reasons'> {
  readonly name: string;
  readonly sources: readonly SourceVerdict[];
  readonly instances: readonly InstanceHealth[];
  /** The services it suffers from; empty when it is well, or itself where the trouble is. */
  readonly causedBy: readonly string[];
  /** All that is wrong with it is that its machine has no processor left for it. */
  readonly waitsForMachine: boolean;
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
  /** What other slices say of services, all of them merged. */
  readonly signals: SignalSource;
  /** Who calls whom, from memory. */
  readonly calls: (tenant: string) => Calls;
  readonly onTransition: (transition: ServiceTransition) => void;
}

const TICK_MS = 1000;
/** A service nobody has told anything of for this long is forgotten. */
const FORGET_AFTER_MS = 600_000;
/** What was known before a restart holds for this long without a first look: as long as a pushed report would. */
const RESTORED_HOLDS_MS = REPORT_EXPIRY_MS;
/** A service at whose address nothing listens yet may still be starting: for so long that is not held against a new one. */
const STARTING_MS = 10_000;
const NO_SIGNALS: readonly Signal[] = [];
const NOTHING_SEEN = { sources: [], causedBy: [], waitsForMachine: false } as const;

interface Known {
  state: ServiceState | null;
  health: ServiceHealth | null;
  report: Report['status'] | null;
  /** Monotonic ms, as are all of these: a wall clock that jumps must not expire reports, or keep them for ever. */
  reportedAt: number;
  lastHeard: number;
  readonly firstHeard: number;
  /** Until when a restored state holds without a source. */
  holdsUntil: number;
  /** The last judgement and what it was made of; null before the first. */
  judged: { readonly seen: Seen; readonly judgement: Judgement } | null;
  /** The judgement that the state was told by, when telling it again by the same one would change nothing. */
  told: Judgement | null;
}

/** What this second's sources say of one service. */
interface Seen {
  readonly scraped: readonly ScrapedTarget[];
  readonly polled: readonly Look[];
  readonly signals: readonly Signal[];
}

/** Brings the sources together once a second and keeps each service's state. */
export class HealthMonitor {
  readonly #options: MonitorOptions;
  /** tenant, then canonical service name. */
  readonly #services = new Map<string, Map<string, Known>>();
  readonly #scrapes: ScrapeLooks;
  readonly #listeners = new Set<() => void>();
  #timer: Timer | null = null;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#scrapes = new ScrapeLooks(options.names);
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
  restore(tenant: string, service: string, state: Pick<ServiceState, 'status' | 'since'>): void {
    const known = this.#known(tenant, service);
    known.state = { ...state, reasons: [], changes: [], heldSince: null, explained: null, explainedAt: 0 };
    known.health = { ...state, ...NOTHING_SEEN, name: service, reasons: [], instances: [] };
    known.holdsUntil = this.#options.clock.monotonic() + RESTORED_HOLDS_MS;
  }

  /** A pushed report. */
  report(tenant: string, rawName: string, status: Report['status']): void {
    const known = this.#known(tenant, this.#options.names.canonical(rawName));
    known.report = status;
    known.reportedAt = this.#options.clock.monotonic();
  }

  /** Whose services are known, the targets' tenant among them. */
  tenants(): readonly string[] {
    return [...new Set([this.#options.targetTenant, ...this.#services.keys()])];
  }

  /** Whether anything tells of a service. */
  knows(tenant: string, service: string): boolean {
    return this.#services.get(tenant)?.has(service) === true;
  }

  /** Null when nothing is known of it. */
  get(tenant: string, service: string): ServiceHealth | null {
    return this.#services.get(tenant)?.get(service)?.health ?? null;
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
      const own = tenant === this.#options.targetTenant;
      const signals = this.#options.signals(tenant);
      const seenOf = (name: string): Seen => ({
        scraped: (own && targets.get(name)) || [],
        polled: (own && polled.get(name)) || [],
        signals: signals.get(name) ?? NO_SIGNALS,
      });
      changed = this.#judgeAll(tenant, services, seenOf) || changed;
      for (const [name, known] of services)
        if (known.lastHeard + FORGET_AFTER_MS < now) changed = services.delete(name) || changed;
    }
    if (changed) for (const listener of this.#listeners) listener();
  }

  /** First every service by itself, then who suffers from whom, then the states. */
  #judgeAll(tenant: string, services: Map<string, Known>, seenOf: (name: string) => Seen): boolean {
    const judgements = new Map<string, { known: Known; seen: Seen; judged: Judgement }>();
    for (const [name, known] of services) {
      const seen = seenOf(name);
      judgements.set(name, { known, seen, judged: this.#judge(known, seen) });
    }
    const byName = new Map<string, Judged>([...judgements].map(([name, { judged }]) => [name, judged]));
    const calls = this.#options.calls(tenant);
    let changed = false;
    for (const [name, { known, seen, judged }] of judgements) {
      const causes = causesOf(name, byName, calls);
      if (causes.length === 0 && known.told === judged) continue;
      const explained: Judgement =
        causes.length === 0
          ? judged
          : { ...judged, reasons: [...judged.reasons, ...dependencyReasons(causes, byName)] };
      changed = this.#advance({ tenant, name, known, seen }, explained, causes) || changed;
    }
    return changed;
  }

  #judge(known: Known, seen: Seen): Judgement {
    const { scraped, polled, signals } = seen;
    const now = this.#options.clock.now();
    const monotonic = this.#options.clock.monotonic();
    const report =
      known.report === null ? null : { status: known.report, at: now - (monotonic - known.reportedAt) };
    if (scraped.length > 0 || polled.length > 0 || signals.length > 0) known.lastHeard = monotonic;
    if (report !== null) known.lastHeard = Math.max(known.lastHeard, known.reportedAt);
    // Reports grow old, so they are judged each time.
    if (report === null && known.judged !== null && isSame(known.judged.seen, seen))
      return known.judged.judgement;
    const judgement = judgeService({ scrape: this.#scrapes.of(scraped), poll: polled, report, signals }, now);
    known.judged = report === null ? { seen, judgement } : null;
    return judgement;
  }

  #advance(
    of: { readonly tenant: string; readonly name: string; readonly known: Known; readonly seen: Seen },
    judged: Judgement,
    causedBy: readonly string[],
  ): boolean {
    const { tenant, name, known, seen } = of;
    const instances = seen.scraped.map(instanceOf);
    // Before the first look is in there is nothing to say; a restart must not turn every service unknown.
    if (known.state === null && (saysTooLittle(judged) || this.#mayBeStarting(known, judged))) return false;
    if (
      known.state !== null &&
      this.#options.clock.monotonic() < known.holdsUntil &&
      saysNothingYet(judged, known.state)
    ) {
      const first = known.health === null;
      known.health = { ...shown(known.state), ...NOTHING_SEEN, name, instances };
      return first;
    }
    const { state, effects } = advance(known.state, judged, this.#options.clock.now(), causedBy);
    const before = known.health;
    known.state = state;
    known.told = causedBy.length === 0 && state.heldSince === null ? judged : null;
    const { status, since, reasons } = state;
    // Of one that is held in its state, though nothing is wrong any more, the last that was wrong counts.
    const isWaiting =
      waitsForMachine(judged) ?? (state.heldSince !== null && before?.waitsForMachine === true);
    const { sources } = judged;
    known.health = { status, since, reasons, name, sources, instances, causedBy, waitsForMachine: isWaiting };
    for (const effect of effects) this.#options.onTransition({ ...effect, tenant, service: name });
    return (
      before === null ||
      effects.length > 0 ||
      !sameReasons(before.reasons, reasons) ||
      before.instances.length !== instances.length
    );
  }

  #mayBeStarting({ firstHeard }: Known, { sources }: Judgement): boolean {
    const young = this.#options.clock.monotonic() - firstHeard < STARTING_MS;
    return (
      young && sources.some((source) => source.kind === 'scrape' && source.failing && source.refused === true)
    );
  }

  /** Takes in the targets of scraping, tells the poller what to ask, and groups targets by canonical service. */
  #byService(): Map<string, ScrapedTarget[]> {
    const { extraPolls, targetTenant, poller } = this.#options;
    const targets = this.#options.targets();
    this.#scrapes.see(targets);
    const grouped = new Map<string, ScrapedTarget[]>();
    const polls: PollTarget[] = [...extraPolls];
    for (const target of targets) {
      const name = this.#scrapes.serviceOf(target);
      this.#known(targetTenant, name);
      const group = grouped.get(name);
      if (group === undefined) grouped.set(name, [target]);
      else group.push(target);
      if (target.healthUrl !== null)
        polls.push({ service: name, instance: target.instance, url: target.healthUrl });
    }
    for (const poll of extraPolls) this.#known(targetTenant, poll.service);
    for (const tenant of this.tenants())
      for (const service of this.#options.signals(tenant).keys()) this.#known(tenant, service);
    poller.setTargets(polls);
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
          firstHeard: this.#options.clock.monotonic(),
          holdsUntil: 0,
          judged: null,
          told: null,
        }),
      );
    return known;
  }
}

/** Whether a service was seen by just these looks and signals. */
function isSame(one: Seen, other: Seen): boolean {
  return (
    sameItems(one.scraped, other.scraped) &&
    sameItems(one.polled, other.polled) &&
    sameItems(one.signals, other.signals)
  );
}

function sameReasons(one: readonly Reason[], other: readonly Reason[]): boolean {
  return one.length === other.length && (one.length === 0 || JSON.stringify(one) === JSON.stringify(other));
}

function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, i) => item === other[i]);
}

function shown({ status, since, reasons }: ServiceState): Pick<ServiceState, 'status' | 'since' | 'reasons'> {
  return { status, since, reasons };
}
