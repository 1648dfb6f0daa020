import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import { inSlices, type Sliced, visitSliced } from '../../kernel/sliced.ts';
import { Turns } from '../../kernel/turns.ts';
import type { AlertmanagerConfig } from '../config/load.ts';
import type { Decision } from '../decisions/decision.ts';
import type { Folder } from '../folding/folder.ts';
import {
  advanceGroup,
  type GroupEffect,
  type GroupInput,
  type GroupStep,
  MAINTENANCE_MS,
} from '../groups/group.ts';
import { Inhibitor } from '../inhibition/inhibitor.ts';
import type { MaintenanceBook } from '../maintenance/book.ts';
import type { Escalations } from '../oncall/escalations.ts';
import type { LookedGroup } from '../oncall/moves.ts';
import type { Courier } from '../outbox/courier.ts';
import type { FlushParcel, GroupRef, World } from '../pipeline/parcel.ts';
import { arrive, flushed, free, freeOf } from '../pipeline/pipeline.ts';
import { type Alert, alertsInOrder, type FlushedAlert, isResolvedAt } from '../received/alert.ts';
import { heardAgain } from '../received/merge.ts';
import { isNews, restored } from '../received/news.ts';
import { type RouteNode, routeTree } from '../routes/tree.ts';
import type { SilenceBook } from '../silences/book.ts';
import type { AlertStore } from './alert-store.ts';
import { type Group, groupOf, joined, type LiveGroup } from './live-group.ts';
import { foldingWorld } from './world.ts';

export interface DispatcherDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: AlertStore;
  readonly silences: Pick<SilenceBook, 'silencing'>;
  readonly courier: Pick<Courier, 'carry' | 'lastNotice'>;
  readonly config: AlertmanagerConfig;
  /** Pages of groups whose receiver leads to a policy; nobody's when absent. */
  readonly escalations?: Pick<Escalations, 'concerns' | 'flushed' | 'leadsToPolicy' | 'hasPaged'>;
  readonly maintenance?: Pick<MaintenanceBook, 'maintaining'>;
  /** Which alerts are part of pages about others; none are when absent. */
  readonly folder?: Folder;
  /** Resolves when they are durable. */
  decide(decisions: readonly Decision[]): Promise<void>;
  /** Lets requests and timers run in the middle of long work. */
  breathe(): Promise<void>;
}

/** What follows from one configuration. */
interface Rules {
  readonly config: AlertmanagerConfig;
  readonly root: RouteNode;
  readonly inhibitor: Inhibitor;
}

const ALERTS = 'alerts';
/** Decisions written in one go; what follows waits a moment. */
const DECISIONS_AT_ONCE = 1000;

type FlushEffect = Extract<GroupEffect, { kind: 'flush' }>;

/** Takes alerts in, keeps them in their groups, and has each flush told. One tenant's. */
export class Dispatcher implements Service {
  readonly name = 'alert-dispatcher';
  readonly dependsOn = ['alert-courier', 'alert-silences', 'alert-maintenance', 'alert-escalations'];
  readonly #deps: DispatcherDeps;
  readonly #alerts = new Map<string, Alert>();
  /** What is heard and what is forgotten must not pass each other on the way to the disk. */
  readonly #turns = new Turns();
  #rules: Rules;
  #groups = new Map<string, Group>();
  #maintenance: Timer | null = null;
  #isStopped = false;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
    this.#rules = rulesOf(deps.config);
  }

  /** Every alert is there at once, and in its groups. */
  async start(): Promise<void> {
    await this.#regroup(
      async () => {
        await this.#load();
        return this.#rules;
      },
      () => {},
    );
    this.#maintenance = this.#deps.clock.every(MAINTENANCE_MS, () => this.#maintain());
  }

  async #load(): Promise<void> {
    const { store, clock } = this.#deps;
    const now = clock.now();
    const load = (stored: Alert): void => {
      const alert = restored(stored, now, this.#rules.config.resolveTimeoutMs);
      this.#alerts.set(alert.fingerprint, alert);
    };
    await this.#slowly(visitSliced(store.each(), load));
  }

  stop(): void {
    this.#isStopped = true;
    this.#maintenance?.cancel();
    this.#cancelTimers();
    this.#groups = new Map();
  }

  /**
   * Another configuration: alerts find their groups anew, and who was told knows it still. `inForce` is called as soon as they have, before
   * any of them is told of; what is waited for then is their history.
   */
  async configure(config: AlertmanagerConfig, inForce: () => void = () => {}): Promise<void> {
    await this.#regroup(() => Promise.resolve(rulesOf(config)), inForce);
  }

  /** Resolves when what is new of them is durable: then they cannot be lost any more. */
  receive(alerts: readonly Alert[]): Promise<void> {
    return this.#turns.take(ALERTS, () => this.#receive(alerts));
  }

  async #receive(alerts: readonly Alert[]): Promise<void> {
    const { clock, store } = this.#deps;
    const now = clock.now();
    const heard = new Map<string, Alert>();
    for (const alert of alerts) {
      const known = heard.get(alert.fingerprint) ?? this.#alerts.get(alert.fingerprint);
      heard.set(alert.fingerprint, known === undefined ? alert : heardAgain(known, alert, now));
    }
    const news = [...heard.values()].filter((alert) =>
      isNews(this.#alerts.get(alert.fingerprint), alert, now),
    );
    await store.put(news);
    await this.#insert([...heard.values()]);
  }

  alerts(): readonly Alert[] {
    return [...this.#alerts.values()];
  }

  get count(): number {
    return this.#alerts.size;
  }

  knows(fingerprint: string): boolean {
    return this.#alerts.has(fingerprint);
  }

  alert(fingerprint: string): Alert | undefined {
    return this.#alerts.get(fingerprint);
  }

  groups(): readonly LiveGroup[] {
    return [...this.#groups.values()];
  }

  /** A group by its key and receiver, with its alerts as they are now; null when there is none. */
  look({ receiver, group: key }: { readonly receiver: string; readonly group: string }): LookedGroup | null {
    for (const { ref, alerts: known } of this.#groups.values())
      if (ref.key === key && ref.route.options.receiver === receiver) {
        const now = this.#deps.clock.now();
        const alerts = [...known.values()].map((alert) => ({
          ...alert,
          isResolved: isResolvedAt(alert, now),
        }));
        return this.#looked(ref, now, alerts);
      }
    return null;
  }

  #looked(ref: GroupRef, at: number, alerts: readonly FlushedAlert[]): LookedGroup {
    return { ref, look: { alerts, free: freeOf({ group: ref, at, alerts }, this.world()) } };
  }

  get root(): RouteNode {
    return this.#rules.root;
  }

  /** Fingerprints of alerts that keep one quiet. */
  inhibitedBy({ labels }: Alert): readonly string[] {
    return this.#rules.inhibitor.inhibiting(labels, this.#deps.clock.now()).map(({ source }) => source);
  }

  async #regroup(rules: () => Promise<Rules>, inForce: () => void): Promise<void> {
    const { breathe } = this.#deps;
    const decisions = await this.#turns.take(ALERTS, async () => this.#takeRules(await rules(), inForce));
    await breathe();
    await this.#decideAll(decisions);
  }

  async #decideAll(decisions: readonly Decision[]): Promise<void> {
    const { decide, breathe } = this.#deps;
    for (let at = 0; at < decisions.length; at += DECISIONS_AT_ONCE) {
      if (at > 0) await breathe();
      await decide(decisions.slice(at, at + DECISIONS_AT_ONCE));
    }
  }

  /** Groups are made aside, with pauses: until all alerts have theirs, whoever looks sees the old ones, and nobody is told of a part. */
  async #takeRules(rules: Rules, inForce: () => void): Promise<readonly Decision[]> {
    const { clock, breathe, folder } = this.#deps;
    const now = clock.now();
    const alerts = this.alerts();
    const groups = new Map<string, Group>();
    const decisions: Decision[] = [];
    this.#cancelTimers();
    const join = (alert: Alert): void => {
      const arrival = arrive(alert, rules.root, now);
      for (const ref of arrival.groups) {
        const { group, step } = joined(groups, ref, alert, now);
        group.state = step.state;
      }
      decisions.push(...arrival.decisions);
    };
    await inSlices(
      visitSliced(alerts, (alert) => rules.inhibitor.observe(alert)),
      breathe,
    );
    await inSlices(visitSliced(alerts, join), breathe);
    if (this.#isStopped) return [];
    this.#cancelTimers();
    this.#rules = rules;
    this.#groups = groups;
    inForce();
    // At once: with a part of the causes, what they explain would be told by itself.
    for (const alert of alerts) folder?.observe(alert);
    for (const group of groups.values()) this.#arm(group, group.state.timer, group.state.nextFlushAt - now);
    return decisions;
  }

  async #insert(alerts: readonly Alert[]): Promise<void> {
    const { clock, decide } = this.#deps;
    const now = clock.now();
    const decisions: Decision[] = [];
    // All sources first: an alert that comes with what inhibits it is quiet from the start.
    for (const alert of alerts) {
      this.#alerts.set(alert.fingerprint, alert);
      this.#rules.inhibitor.observe(alert);
      this.#deps.folder?.observe(alert);
    }
    for (const alert of alerts) {
      const arrival = arrive(alert, this.#rules.root, now);
      let isNew = false;
      for (const ref of arrival.groups) isNew = this.#join(ref, alert, now) || isNew;
      if (isNew) decisions.push(...arrival.decisions);
    }
    this.#release(alerts, now);
    if (decisions.length > 0) await decide(decisions);
  }

  /** What was part of the page about an alert that ended is looked at again when it may be told by itself. */
  #release(alerts: readonly Alert[], now: number): void {
    const times = alerts.flatMap((alert) =>
      isResolvedAt(alert, now) ? (this.#deps.folder?.releaseOf(alert) ?? []) : [],
    );
    if (times.length === 0) return;
    const afterMs = Math.min(...times) - now;
    for (const group of this.#groups.values())
      if (group.isFolding) this.#feed(group, { kind: 'sooner', afterMs });
  }

  /** True when the group did not have the alert. */
  #join(ref: GroupRef, alert: Alert, now: number): boolean {
    const { group, step, isNew } = joined(this.#groups, ref, alert, now);
    this.#apply(group, step);
    return isNew;
  }

  #feed(group: Group, input: GroupInput): void {
    // One that was removed, or belongs to an older configuration, is over.
    if (this.#groups.get(group.id) !== group) return;
    const { state, alerts, ref } = group;
    const world = { alerts, timers: ref.route.options, now: this.#deps.clock.now() };
    this.#apply(group, advanceGroup(state, input, world));
  }

  #apply(group: Group, { state, effects }: GroupStep): void {
    group.state = state;
    for (const effect of effects)
      switch (effect.kind) {
        case 'timer':
          this.#arm(group, effect.timer, effect.afterMs);
          break;
        case 'flush':
          void this.#flush(group, effect);
          break;
        case 'forgotten':
          for (const fingerprint of effect.fingerprints) group.alerts.delete(fingerprint);
          void this.#turns.take(ALERTS, () => this.#forget(effect.fingerprints));
          break;
        case 'remove':
          group.timer?.cancel();
          this.#groups.delete(group.id);
          break;
      }
  }

  #arm(group: Group, timer: number, afterMs: number): void {
    group.timer?.cancel();
    group.timer = this.#deps.clock.after(afterMs, () => this.#feed(group, { kind: 'timer', timer }));
  }

  #cancelTimers(): void {
    for (const { timer } of this.#groups.values()) timer?.cancel();
  }

  /** With pauses: a group may have a hundred thousand alerts. What it tells is as of the beginning. */
  async #flush(group: Group, { at, alerts: known, timeoutMs }: FlushEffect): Promise<void> {
    const { courier, escalations, log } = this.#deps;
    const { receiver: name } = group.ref.route.options;
    let [ok, isWritten] = [false, false];
    try {
      const receiver = this.#rules.config.receivers.find((one) => one.name === name);
      if (receiver === undefined) throw new Error(`there is no receiver "${name}"`);
      const world = this.world();
      const alerts = await this.#slowly(alertsInOrder(known));
      const parcel = { group: group.ref, at, alerts };
      const { deliveries, decisions } = await this.#slowly(flushed(parcel, receiver, world));
      await this.#decideAll(decisions);
      await this.#lookAgain(group, alerts, decisions);
      const [isTold, isPaged] = await Promise.all([
        courier.carry(deliveries, timeoutMs),
        escalations?.concerns(group.ref) !== true || this.#page(escalations, parcel),
      ]);
      [ok, isWritten] = [isTold && isPaged, isPaged];
    } catch (error) {
      log.error({ err: error, receiver: name, group: group.ref.key }, 'a group could not be flushed');
    }
    this.#feed(group, { kind: 'settled', ok });
    group.unwritten = isWritten ? 0 : group.unwritten + 1;
    // A receiver that refused waits for the next flush; what is our own fault is tried again soon.
    if (!isWritten) this.#feed(group, { kind: 'sooner', afterMs: soonAfter(group.unwritten) });
  }

  #slowly<Made>(work: Sliced<Made>): Promise<Made> {
    return inSlices(work, this.#deps.breathe);
  }

  async #page(escalations: Pick<Escalations, 'flushed'>, parcel: FlushParcel): Promise<boolean> {
    const { group: ref, alerts } = parcel;
    const left = await this.#slowly(free(parcel, this.world()));
    return await escalations.flushed({ ref, look: { alerts, free: left } });
  }

  /** Alerts that only wait are told when that is over, whatever the interval of their group. */
  async #lookAgain(
    group: Group,
    alerts: readonly FlushedAlert[],
    decisions: readonly Decision[],
  ): Promise<void> {
    const folded = new Set(
      decisions.flatMap(({ outcome, fingerprint }) => (outcome === 'folded' ? [fingerprint] : [])),
    );
    group.isFolding = folded.size > 0;
    if (!group.isFolding) return;
    const now = this.#deps.clock.now();
    const { folding } = this.world();
    let soonest = Number.POSITIVE_INFINITY;
    const look = (alert: FlushedAlert): void => {
      if (alert.isResolved || !folded.has(alert.fingerprint)) return;
      soonest = Math.min(soonest, folding?.(alert, group.ref, now)?.until ?? soonest);
    };
    await this.#slowly(visitSliced(alerts, look));
    if (soonest < Number.POSITIVE_INFINITY)
      this.#feed(group, { kind: 'sooner', afterMs: soonest - this.#deps.clock.now() });
  }

  /** Alerts that ended and of which no group has anything more to tell. */
  async #forget(fingerprints: readonly string[]): Promise<void> {
    const { clock, store, log } = this.#deps;
    const now = clock.now();
    const gone = fingerprints.filter((fingerprint) => {
      const alert = this.#alerts.get(fingerprint);
      return alert !== undefined && isResolvedAt(alert, now) && !this.#isHeld(alert, now);
    });
    for (const fingerprint of gone) this.#alerts.delete(fingerprint);
    try {
      await store.delete(gone);
    } catch (error) {
      // It comes back at the next start, ended, and is forgotten then.
      log.warn({ err: error }, 'alerts that ended could not be removed');
    }
  }

  #isHeld(alert: Alert, now: number): boolean {
    return arrive(alert, this.#rules.root, now).groups.some(
      (ref) => groupOf(this.#groups, ref)?.alerts.has(alert.fingerprint) === true,
    );
  }

  #maintain(): void {
    const now = this.#deps.clock.now();
    this.#rules.inhibitor.forget(now);
    this.#deps.folder?.forget(now);
    for (const group of this.#groups.values()) this.#feed(group, { kind: 'maintenance' });
  }

  /** What stages ask, as it is now. */
  world(): World {
    const { inhibitor, config, root } = this.#rules;
    const { silences, courier, escalations, maintenance, folder } = this.#deps;
    const lastNotice: World['lastNotice'] = (key) => courier.lastNotice(key);
    const { intervals, receivers } = config;
    const world: World = {
      inhibiting: (labels, at) => inhibitor.inhibiting(labels, at),
      silencing: (alert, at) => silences.silencing(alert, at),
      intervals,
      lastNotice,
      maintaining: (labels, at) => maintenance?.maintaining(labels, at) ?? [],
      leadsToPolicy: (receiver) => escalations?.leadsToPolicy(receiver) === true,
    };
    if (folder === undefined) return world;
    const isQuiet = (alert: Alert, at: number): boolean =>
      silences.silencing(alert, at).active.length > 0 ||
      (maintenance?.maintaining(alert.labels, at).length ?? 0) > 0 ||
      inhibitor.inhibiting(alert.labels, at).length > 0;
    const isPaged = (group: GroupRef, fingerprint: string): boolean =>
      escalations?.hasPaged(group, fingerprint) === true;
    return {
      ...world,
      ...foldingWorld({ folder, root, intervals, receivers, lastNotice, isQuiet, isPaged }),
    };
  }
}

const SOONEST_MS = 1000;
const LEAST_SOON_MS = 30_000;

/** A second after the first failure, twice as long after each more. */
function soonAfter(failures: number): number {
  return Math.min(LEAST_SOON_MS, SOONEST_MS * 2 ** (failures - 1));
}

function rulesOf(config: AlertmanagerConfig): Rules {
  return { config, root: routeTree(config.route), inhibitor: new Inhibitor(config.inhibitRules) };
}
