import type { Decision } from '../decisions/decision.ts';
import {
  advanceGroup,
  type GroupInput,
  type GroupState,
  type GroupStep,
  MAINTENANCE_MS,
  openGroup,
} from '../groups/group.ts';
import { advancePage, openPage } from '../oncall/page/advance.ts';
import { dueAt, type GroupLook, type Page } from '../oncall/page/page.ts';
import type { PageDecision, PageWorld, Telling } from '../oncall/page/step.ts';
import { pageParcels } from '../oncall/parcels.ts';
import { type LogEntry, type LogKey, logEntryOf } from '../pipeline/notification-log.ts';
import { type GroupRef, logKeyOf, type World } from '../pipeline/parcel.ts';
import { arrive, flush, freeOf } from '../pipeline/pipeline.ts';
import { type Alert, type FlushedAlert, isResolvedAt, sortedAlerts } from '../received/alert.ts';
import {
  type Audience,
  alertOfFiring,
  groupId,
  type Notice,
  type TellingWorld,
  type Told,
  type ToldAlert,
} from './audience.ts';
import type { Firing } from './spell.ts';

export interface TellingDeps {
  readonly world: TellingWorld;
  /** To be waited for now and then: lets others run. */
  readonly pause: () => Promise<void>;
}

/** Flushes of groups and looks at pages; at a second's interval a day has as many. */
const MOST_STEPS = 100_000;
/** Of one firing; a repeat every hour for a week is more than anybody reads. */
const MOST_TOLD = 20;

interface Group {
  readonly ref: GroupRef;
  /** By fingerprint. */
  readonly alerts: Map<string, Alert>;
  state: GroupState;
  /** When its timer goes off. */
  timerAt: number;
  /** When it is removed, since it is empty; infinity while it is not. */
  removedAt: number;
  page: Page | null;
}

/**
 * Lets firings come one after the other, to the routes, groups, timers and policies of the live pipeline, as if nobody had acknowledged or
 * silenced anything, nothing else had fired, and every receiver had heard at once.
 *
 *     firings ─> arrive ─> groups (groups/group.ts) ─> flush ─┬─> notices
 *                                                             └─> pages (oncall/page) ─> notices
 */
export class Tellings {
  readonly #deps: TellingDeps;
  readonly #world: World;
  readonly #groups = new Map<string, Group>();
  readonly #log = new Map<string, LogEntry>();
  readonly #byFingerprint = new Map<string, Firing>();
  readonly #notices: Notice[] = [];
  readonly #told = new Map<Firing, Told[]>();
  readonly #held = new Map<Firing, string>();
  #pages = 0;

  constructor(deps: TellingDeps) {
    this.#deps = deps;
    const { world } = deps;
    this.#world = {
      inhibiting: () => [],
      silencing: () => ({ active: [], pending: [] }),
      intervals: world.intervals,
      lastNotice: (key) => this.#log.get(keyText(key)),
      maintaining: (labels, at) => world.maintaining(labels, at),
      leadsToPolicy: (receiver) => world.onCall.hooks.has(receiver),
    };
  }

  /** What would have been told until `end`, epoch ms. */
  async run(firings: readonly Firing[], end: number): Promise<Audience> {
    const { pause, world } = this.#deps;
    const waiting = firings.toSorted((a, b) => b.firedAt - a.firedAt);
    let cutAt: number | null = null;
    for (let steps = 0; ; steps++) {
      await pause();
      const due = this.#nextDue();
      const next = waiting.at(-1)?.firedAt ?? Number.POSITIVE_INFINITY;
      const at = Math.min(next, due);
      if (at > end) break;
      if (steps >= MOST_STEPS) {
        cutAt = at;
        break;
      }
      const firing = next <= due ? waiting.pop() : undefined;
      if (firing === undefined) this.#goOff(at);
      else this.#hear(alertOfFiring(firing, world.externalLabels));
    }
    return { notices: this.#notices, told: this.#told, held: this.#held, cutAt };
  }

  #nextDue(): number {
    let due = Number.POSITIVE_INFINITY;
    for (const group of this.#groups.values()) due = Math.min(due, dueOf(group));
    return due;
  }

  #hear({ firing, alert }: ToldAlert): void {
    const at = firing.firedAt;
    this.#byFingerprint.set(alert.fingerprint, firing);
    for (const ref of arrive(alert, this.#deps.world.root, at).groups) {
      const id = groupId(ref.route, ref.labels);
      const known = this.#groups.get(id);
      if (known !== undefined) {
        known.removedAt = Number.POSITIVE_INFINITY;
        known.alerts.set(alert.fingerprint, alert);
        this.#feed(known, { kind: 'alert', alert }, at);
        continue;
      }
      const opened = openGroup(alert, ref.route.options, at);
      const never = Number.POSITIVE_INFINITY;
      const alerts = new Map([[alert.fingerprint, alert]]);
      const group: Group = { ref, alerts, state: opened.state, timerAt: never, removedAt: never, page: null };
      this.#groups.set(id, group);
      this.#apply(group, opened, at);
    }
  }

  /** Whatever is due at a time. */
  #goOff(at: number): void {
    for (const [id, group] of this.#groups) {
      if (dueOf(group) !== at) continue;
      if (group.page !== null && dueAt(group.page) === at)
        this.#lookAtPage(group, at, this.#lookAt(group, at));
      if (group.timerAt === at) this.#feed(group, { kind: 'timer', timer: group.state.timer }, at);
      if (group.removedAt === at) this.#groups.delete(id);
    }
  }

  #feed(group: Group, input: GroupInput, at: number): void {
    const { state, alerts, ref } = group;
    this.#apply(group, advanceGroup(state, input, { alerts, timers: ref.route.options, now: at }), at);
  }

  #apply(group: Group, { state, effects }: GroupStep, at: number): void {
    group.state = state;
    for (const effect of effects) {
      if (effect.kind === 'timer') group.timerAt = at + effect.afterMs;
      if (effect.kind === 'forgotten')
        for (const fingerprint of effect.fingerprints) group.alerts.delete(fingerprint);
      if (effect.kind !== 'flush') continue;
      this.#flush(group, effect.at, sortedAlerts(effect.alerts));
      this.#feed(group, { kind: 'settled', ok: true }, at);
      if (group.alerts.size === 0) group.removedAt = nextBeat(at);
    }
  }

  #flush(group: Group, at: number, alerts: readonly FlushedAlert[]): void {
    const { receiver: name, repeatIntervalMs } = group.ref.route.options;
    const receiver = this.#deps.world.receivers.find((one) => one.name === name);
    if (receiver === undefined) return;
    const { deliveries, decisions } = flush({ group: group.ref, at, alerts }, receiver, this.#world);
    this.#hold(decisions);
    for (const delivery of deliveries) {
      const key = logKeyOf(delivery);
      this.#log.set(keyText(key), logEntryOf(key, delivery, at, repeatIntervalMs));
    }
    const [first] = deliveries.filter((one) => one.alerts.length > 0);
    if (first !== undefined)
      this.#notice(group, { at, receiver: name, person: null, reason: first.reason ?? '' }, first.alerts);
    if (group.page !== null || this.#world.leadsToPolicy?.(name) === true) this.#page(group, at, alerts);
  }

  #lookAt(group: Group, at: number): GroupLook {
    const alerts = [...group.alerts.values()].map((alert) => ({
      ...alert,
      isResolved: isResolvedAt(alert, at),
    }));
    return this.#looked(group, at, alerts);
  }

  #looked({ ref }: Group, at: number, alerts: readonly FlushedAlert[]): GroupLook {
    return { alerts, free: freeOf({ group: ref, at, alerts }, this.#world) };
  }

  #page(group: Group, at: number, alerts: readonly FlushedAlert[]): void {
    const look = this.#looked(group, at, alerts);
    if (group.page === null) {
      const { ref } = group;
      const { receiver } = ref.route.options;
      const policy = this.#policy(this.#deps.world.onCall.hooks.get(receiver));
      if (policy === undefined) return;
      const id = `page-${++this.#pages}`;
      const origin = { id, receiver, group: ref.key, route: ref.route.id, groupLabels: ref.labels };
      const opened = openPage(origin, look, { now: at, policy });
      this.#holdAll(opened.decisions);
      group.page = opened.page;
    }
    this.#lookAtPage(group, at, look);
  }

  #lookAtPage(group: Group, at: number, look: GroupLook): void {
    const policy = this.#policy(group.page?.policy);
    if (group.page === null || policy === undefined) return;
    const { onCall, turn } = this.#deps.world;
    const world: PageWorld = {
      now: at,
      policy,
      onCall: (schedule) => turn(schedule, at),
      contactsOf: (name) => onCall.people.find((one) => one.name === name)?.contacts ?? [],
      isReached: () => true,
    };
    const { page, telling, decisions } = advancePage(group.page, { kind: 'look', look }, world);
    this.#holdAll(decisions);
    group.page = page.phase.kind === 'ended' ? null : page;
    if (telling !== null) this.#tell(group, telling, at);
  }

  #tell(group: Group, telling: Telling, at: number): void {
    const { parcels } = pageParcels(
      { group: group.ref, key: group.ref.key, telling, at },
      { receivers: this.#deps.world.receivers, world: this.#world },
    );
    for (const { receiver, person } of telling.recipients) {
      const parcel = parcels.find(
        (one) => one.group.route.options.receiver === receiver && one.alerts.length > 0,
      );
      if (parcel === undefined) continue;
      const reason = telling.isEnd ? 'all_resolved' : 'paged';
      this.#notice(group, { at, receiver, person, reason }, parcel.alerts);
    }
  }

  #policy(name: string | undefined) {
    return this.#deps.world.onCall.policies.find((one) => one.name === name);
  }

  #notice(
    group: Group,
    of: Pick<Notice, 'at' | 'receiver' | 'person' | 'reason'>,
    alerts: readonly FlushedAlert[],
  ): void {
    const firing = alerts.filter(({ isResolved }) => !isResolved);
    this.#notices.push({
      ...of,
      firing: firing.length,
      resolved: alerts.length - firing.length,
      group: group.ref.labels,
    });
    const { at, receiver, person } = of;
    for (const { fingerprint } of firing) {
      const spell = this.#byFingerprint.get(fingerprint);
      if (spell === undefined) continue;
      this.#held.delete(spell);
      const told = this.#told.get(spell) ?? [];
      this.#told.set(spell, told);
      if (told.length < MOST_TOLD && !told.some((one) => one.receiver === receiver && one.person === person))
        told.push({ at, receiver, person });
    }
  }

  #hold(decisions: readonly Decision[]): void {
    for (const { fingerprint, reason } of decisions) this.#holdOne(fingerprint, reason);
  }

  #holdAll(decisions: readonly PageDecision[]): void {
    for (const { outcome, fingerprints, reason } of decisions)
      if (outcome === 'held') for (const fingerprint of fingerprints) this.#holdOne(fingerprint, reason);
  }

  #holdOne(fingerprint: string, reason: string): void {
    const spell = this.#byFingerprint.get(fingerprint);
    if (spell !== undefined && !this.#told.has(spell) && !this.#held.has(spell))
      this.#held.set(spell, reason);
  }
}

function dueOf({ timerAt, removedAt, page }: Group): number {
  return Math.min(timerAt, removedAt, (page === null ? null : dueAt(page)) ?? Number.POSITIVE_INFINITY);
}

function keyText({ group, receiver, integration }: LogKey): string {
  return JSON.stringify([group, receiver, integration]);
}

function nextBeat(at: number): number {
  return (Math.floor(at / MAINTENANCE_MS) + 1) * MAINTENANCE_MS;
}
