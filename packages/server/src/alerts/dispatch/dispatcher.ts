import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import { Turns } from '../../kernel/turns.ts';
import type { AlertmanagerConfig } from '../config/load.ts';
import type { Decision } from '../decisions/decision.ts';
import type { Folder } from '../folding/folder.ts';
import {
  advanceGroup,
  type GroupEffect,
  type GroupInput,
  type GroupState,
  type GroupStep,
  MAINTENANCE_MS,
  openGroup,
} from '../groups/group.ts';
import { Inhibitor } from '../inhibition/inhibitor.ts';
import { formatLabelSet } from '../labels/label-set.ts';
import type { MaintenanceBook } from '../maintenance/book.ts';
import type { Escalations, LookedGroup } from '../oncall/escalations.ts';
import type { Courier } from '../outbox/courier.ts';
import type { GroupRef, World } from '../pipeline/parcel.ts';
import { arrive, flush, freeOf } from '../pipeline/pipeline.ts';
import { type Alert, type FlushedAlert, isResolvedAt } from '../received/alert.ts';
import { heardAgain } from '../received/merge.ts';
import { isNews, restored } from '../received/news.ts';
import { type RouteNode, routeTree } from '../routes/tree.ts';
import type { SilenceBook } from '../silences/book.ts';
import type { AlertStore } from './alert-store.ts';
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
}

/** A group as others may see it. */
export interface LiveGroup {
  readonly ref: GroupRef;
  readonly state: GroupState;
}

interface Group {
  readonly id: string;
  readonly ref: GroupRef;
  state: GroupState;
  timer: Timer | null;
  /** The last flush left alerts to pages about others. */
  isFolding: boolean;
  /** Flushes in a row of which something could not be written. */
  unwritten: number;
}

/** What follows from one configuration. */
interface Rules {
  readonly config: AlertmanagerConfig;
  readonly root: RouteNode;
  readonly inhibitor: Inhibitor;
}

const ALERTS = 'alerts';

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

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
    this.#rules = rulesOf(deps.config);
  }

  /** Every alert is there at once, and in its groups. */
  async start(): Promise<void> {
    const { store, clock } = this.#deps;
    const now = clock.now();
    for (const stored of store.list()) {
      const alert = restored(stored, now, this.#rules.config.resolveTimeoutMs);
      this.#alerts.set(alert.fingerprint, alert);
    }
    await this.#regroup();
    this.#maintenance = clock.every(MAINTENANCE_MS, () => this.#maintain());
  }

  stop(): void {
    this.#maintenance?.cancel();
    for (const { timer } of this.#groups.values()) timer?.cancel();
    this.#groups = new Map();
  }

  /** Another configuration: alerts find their groups anew, and who was told knows it still. */
  async configure(config: AlertmanagerConfig): Promise<void> {
    this.#rules = rulesOf(config);
    for (const { timer } of this.#groups.values()) timer?.cancel();
    this.#groups = new Map();
    await this.#regroup();
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
    return [...this.#groups.values()].map(({ ref, state }) => ({ ref, state }));
  }

  /** A group by its key and receiver, with its alerts as they are now; null when there is none. */
  look({ receiver, group: key }: { readonly receiver: string; readonly group: string }): LookedGroup | null {
    for (const { ref, state } of this.#groups.values())
      if (ref.key === key && ref.route.options.receiver === receiver) {
        const now = this.#deps.clock.now();
        const alerts = [...state.alerts.values()].map((alert) => ({
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

  async #regroup(): Promise<void> {
    await this.#insert([...this.#alerts.values()]);
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
    const id = idOf(ref);
    const known = this.#groups.get(id);
    if (known !== undefined) {
      const isNew = !known.state.alerts.has(alert.fingerprint);
      this.#feed(known, { kind: 'alert', alert });
      return isNew;
    }
    const opened = openGroup(alert, ref.route.options, now);
    const group: Group = { id, ref, state: opened.state, timer: null, isFolding: false, unwritten: 0 };
    this.#groups.set(id, group);
    this.#apply(group, opened);
    return true;
  }

  #feed(group: Group, input: GroupInput): void {
    // One that was removed, or belongs to an older configuration, is over.
    if (this.#groups.get(group.id) !== group) return;
    this.#apply(group, advanceGroup(group.state, input, group.ref.route.options, this.#deps.clock.now()));
  }

  #apply(group: Group, { state, effects }: GroupStep): void {
    group.state = state;
    for (const effect of effects)
      switch (effect.kind) {
        case 'timer': {
          const { timer } = effect;
          group.timer?.cancel();
          group.timer = this.#deps.clock.after(effect.afterMs, () =>
            this.#feed(group, { kind: 'timer', timer }),
          );
          break;
        }
        case 'flush':
          void this.#flush(group, effect);
          break;
        case 'forgotten':
          void this.#turns.take(ALERTS, () => this.#forget(effect.fingerprints));
          break;
        case 'remove':
          group.timer?.cancel();
          this.#groups.delete(group.id);
          break;
      }
  }

  async #flush(group: Group, { at, alerts, timeoutMs }: FlushEffect): Promise<void> {
    const { courier, escalations, decide, log } = this.#deps;
    const { receiver: name } = group.ref.route.options;
    let [ok, isWritten] = [false, false];
    try {
      const receiver = this.#rules.config.receivers.find((one) => one.name === name);
      if (receiver === undefined) throw new Error(`there is no receiver "${name}"`);
      const { deliveries, decisions } = flush({ group: group.ref, at, alerts }, receiver, this.world());
      if (decisions.length > 0) await decide(decisions);
      this.#lookAgain(group, alerts, decisions);
      const [isTold, isPaged] = await Promise.all([
        courier.carry(deliveries, timeoutMs),
        escalations?.concerns(group.ref) !== true || escalations.flushed(this.#looked(group.ref, at, alerts)),
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

  /** Alerts that only wait are told when that is over, whatever the interval of their group. */
  #lookAgain(group: Group, alerts: readonly FlushedAlert[], decisions: readonly Decision[]): void {
    const folded = new Set(
      decisions.flatMap(({ outcome, fingerprint }) => (outcome === 'folded' ? [fingerprint] : [])),
    );
    group.isFolding = folded.size > 0;
    if (!group.isFolding) return;
    const now = this.#deps.clock.now();
    const { folding } = this.world();
    const times = alerts
      .filter(({ fingerprint, isResolved }) => !isResolved && folded.has(fingerprint))
      .flatMap((alert) => folding?.(alert, group.ref, now)?.until ?? []);
    if (times.length > 0) this.#feed(group, { kind: 'sooner', afterMs: Math.min(...times) - now });
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
      (ref) => this.#groups.get(idOf(ref))?.state.alerts.has(alert.fingerprint) === true,
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

/** Unlike its key, no other group has it. */
function idOf({ route, labels }: GroupRef): string {
  return `${route.id}:${formatLabelSet(labels)}`;
}

function rulesOf(config: AlertmanagerConfig): Rules {
  return { config, root: routeTree(config.route), inhibitor: new Inhibitor(config.inhibitRules) };
}
