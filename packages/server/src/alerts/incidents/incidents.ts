import type { StateStore } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import { Turns } from '../../kernel/turns.ts';
import { type Alert, isResolvedAt } from '../received/alert.ts';
import { act, type IncidentAct } from './acts.ts';
import { advance, type IncidentsInput, type IncidentsWorld } from './advance.ts';
import { IncidentBook } from './book.ts';
import type { IncidentSettings } from './config.ts';
import { endOf, type Incident, isFiring } from './incident.ts';
import { type Naming, sightingOf } from './sighting.ts';
import { roomIn } from './size.ts';
import type { IncidentsStep } from './step.ts';
import { type IncidentsTelemetry, incidentsTelemetry, turnsOf } from './telemetry.ts';
import type { CallMap } from './topology.ts';

/** What incidents ask of alerts. */
interface AlertsNow {
  alert(fingerprint: string): Alert | undefined;
  /** All that are known. */
  known(): readonly Alert[];
  /** Called with alerts that were heard of and are on disk. Returns the unsubscribe. */
  onHeard(listener: (alerts: readonly Alert[]) => void): () => void;
  /** Whether somebody keeps it quiet on purpose: a silence, a maintenance window. */
  isQuiet(alert: Alert): boolean;
  /** Fingerprints of alerts that keep it quiet. */
  inhibitedBy(alert: Alert): readonly string[];
}

export interface IncidentsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly state: StateStore;
  readonly tenant: string;
  readonly settings: IncidentSettings;
  /** How long incidents are kept after they were over, ms. */
  readonly retentionMs: number;
  readonly names: Naming;
  readonly alerts: AlertsNow;
  /** Since when the conditions of our own rules' alerts hold, by fingerprint; epoch ms. */
  firstSigns(): ReadonlyMap<string, number>;
  /** Who calls whom. */
  calls(): CallMap;
  /** Lets requests and timers run in the middle of long work. */
  breathe(): Promise<void>;
}

/** Alerts that are looked at in one go, and become durable together. */
const AT_ONCE = 100;
/** So many are looked at by the same first signs: to gather them takes a look at every alert of every rule. */
const SIGNS_FOR = 5000;
/** How often it is looked whether alerts ended unheard, and incidents with them. */
const TICK_MS = 5000;
const CLEANING_MS = 900_000;
const TURN = 'incidents';

/**
 * Alerts that belong together as incidents, of one tenant. An alert is taken, on disk and told of before it comes here: nobody waits for its
 * incident, and what a kill loses of it is made up for at the next start.
 */
export class Incidents implements Service {
  readonly name = 'alert-incidents';
  readonly dependsOn = ['alert-dispatcher'];
  readonly book: IncidentBook;
  readonly #deps: IncidentsDeps;
  readonly #telemetry: IncidentsTelemetry;
  readonly #turns = new Turns();
  /** Heard of and not looked at yet, by fingerprint: the last word of each. */
  readonly #heard = new Map<string, Alert>();
  #settings: IncidentSettings;
  #stopHearing: (() => void) | null = null;
  #timers: readonly Timer[] = [];

  constructor(deps: IncidentsDeps) {
    this.#deps = deps;
    this.#settings = deps.settings;
    this.book = new IncidentBook(deps.state, deps.tenant);
    this.#telemetry = incidentsTelemetry(deps.telemetry, () => this.book.open().length);
  }

  /** Incidents are there at once, and every alert that fires has its own. */
  async start(): Promise<void> {
    const { alerts, clock, log } = this.#deps;
    this.book.load();
    this.#forgetNew();
    this.#stopHearing = alerts.onHeard((heard) => this.#hear(heard));
    this.#hear(alerts.known());
    await this.settled();
    this.#timers = [
      clock.every(TICK_MS, () => void this.#tick()),
      clock.every(CLEANING_MS, () => {
        this.#clean().catch((error: unknown) => {
          log.warn({ err: error }, 'incidents that were over long ago could not be removed');
        });
      }),
    ];
  }

  async stop(): Promise<void> {
    this.#stopHearing?.();
    for (const timer of this.#timers) timer.cancel();
    await this.settled();
  }

  configure(settings: IncidentSettings): void {
    this.#settings = settings;
  }

  /** Resolves when all that was heard until now is part of its incident. */
  async settled(): Promise<void> {
    await this.#turns.take(TURN, () => Promise.resolve());
  }

  /** The incident that an alert is, or last was, part of. */
  ofAlert(fingerprint: string): Incident | undefined {
    return this.book.get(this.book.idOf(fingerprint) ?? '');
  }

  /** Somebody's act. Resolves when it is durable, with the incident that holds what was acted on; rejects with what cannot be done. */
  async act(id: string, what: IncidentAct, by: string): Promise<Incident> {
    const { clock } = this.#deps;
    return await this.#turns.take(TURN, async () => {
      const step = act(this.book, id, what, { now: clock.now(), by });
      await this.#apply(step);
      return this.book.get(step.id) ?? raise(`#${step.id} is gone`);
    });
  }

  #hear(alerts: readonly Alert[]): void {
    if (!this.#settings.enabled) return;
    const now = this.#deps.clock.now();
    const before = this.#heard.size;
    for (const alert of alerts) if (this.#isNews(alert, now)) this.#heard.set(alert.fingerprint, alert);
    if (before === 0 && this.#heard.size > 0) void this.#turns.take(TURN, () => this.#drain());
  }

  /** That an alert still fires is told every minute, and is none. */
  #isNews(alert: Alert, now: number): boolean {
    const { fingerprint, startsAt } = alert;
    if (this.book.isCounted(fingerprint)) return isResolvedAt(alert, now);
    const incident = this.ofAlert(fingerprint);
    if (incident === undefined) return !isResolvedAt(alert, now);
    const member = incident.members.find((one) => one.fingerprint === fingerprint);
    if (member === undefined) return !isResolvedAt(alert, now);
    if (isResolvedAt(alert, now)) return isFiring(member);
    return !isFiring(member) || startsAt > member.lastBeganAt;
  }

  async #drain(): Promise<void> {
    let looked = 0;
    let signs: ReadonlyMap<string, number> = new Map();
    while (this.#heard.size > 0) {
      const some = firstOf(this.#heard.values(), AT_ONCE);
      try {
        if (looked % SIGNS_FOR === 0) signs = this.#deps.firstSigns();
        looked += AT_ONCE;
        await this.#apply(advance(this.book, this.#inputsOf(some, signs), this.#world()));
      } catch (error) {
        this.#deps.log.error(
          { err: error },
          'alerts could not be put into incidents; they are at the next look',
        );
        return;
      }
      // What was heard meanwhile is looked at next.
      for (const alert of some)
        if (this.#heard.get(alert.fingerprint) === alert) this.#heard.delete(alert.fingerprint);
      if (this.#heard.size > 0) await this.#deps.breathe();
    }
  }

  /** What was only counted by an incident that is over, ended, and began anew after it is another thing that happened. */
  #forgetNew(): void {
    const { clock, alerts } = this.#deps;
    const now = clock.now();
    for (const fingerprint of this.book.crowd()) {
      const incident = this.ofAlert(fingerprint);
      const over = incident === undefined ? null : endOf(incident);
      const alert = alerts.alert(fingerprint);
      const isOver = alert === undefined || over === null || isResolvedAt(alert, now);
      // A start in the future is one that its sender did not name, or a clock that is ahead: it says nothing.
      if (isOver || (alert.startsAt > over && alert.startsAt <= now)) this.book.forget(fingerprint);
    }
  }

  #inputsOf(heard: readonly Alert[], signs: ReadonlyMap<string, number>): readonly IncidentsInput[] {
    const { alerts, names, clock } = this.#deps;
    const now = clock.now();
    const inputs = heard.map((alert): IncidentsInput => {
      const { fingerprint, endsAt } = alert;
      if (isResolvedAt(alert, now)) {
        this.book.forget(fingerprint);
        return { kind: 'ended', fingerprint, at: endsAt };
      }
      return {
        kind: 'fires',
        alert: sightingOf(alert, names, { now, signAt: signs.get(fingerprint) }),
        isQuiet: alerts.isQuiet(alert),
        inhibitedBy: alerts.inhibitedBy(alert),
      };
    });
    return inputs.sort(inOrder);
  }

  #world(): IncidentsWorld {
    const { clock, calls } = this.#deps;
    return {
      now: clock.now(),
      rules: this.#settings,
      calls: calls(),
      isCrowded: (id) => this.book.beyond(id) > 0,
    };
  }

  async #apply(step: IncidentsStep): Promise<void> {
    const turns = turnsOf(this.book, step);
    await this.book.apply(step);
    this.#telemetry.turned(turns);
  }

  /** Alerts whose time was over end unheard, and those that waited for the disk are looked at again. */
  async #tick(): Promise<void> {
    await this.#turns.take(TURN, async () => {
      const { clock, alerts, log } = this.#deps;
      this.#lookAtCrowd();
      // First what was heard: what fires again in the meantime has not ended.
      await this.#drain();
      const now = clock.now();
      const endOf = (fingerprint: string): number | null => {
        const alert = alerts.alert(fingerprint);
        if (alert === undefined) return now;
        return isResolvedAt(alert, now) ? alert.endsAt : null;
      };
      const ends: IncidentsInput[] = [];
      for (const { members } of this.book.all())
        for (const member of members) {
          const at = isFiring(member) ? endOf(member.fingerprint) : null;
          if (at !== null) ends.push({ kind: 'ended', fingerprint: member.fingerprint, at });
        }
      try {
        await this.#apply(advance(this.book, [...ends, { kind: 'tick' }], this.#world()));
      } catch (error) {
        log.error({ err: error }, 'incidents could not be carried on');
      }
    });
  }

  /** Alerts that were only counted end, too, and are named once others that ended long ago make room. */
  #lookAtCrowd(): void {
    const { clock, alerts } = this.#deps;
    const now = clock.now();
    const room = new Map<string, number>();
    for (const fingerprint of this.book.crowd()) {
      const id = this.book.idOf(fingerprint) ?? '';
      const alert = alerts.alert(fingerprint);
      const isOver = alert === undefined || isResolvedAt(alert, now);
      const left = room.get(id) ?? roomIn(this.book.get(id), now - this.#settings.reopenMs);
      room.set(id, isOver ? left : left - 1);
      if (isOver || left > 0) this.book.forget(fingerprint);
      if (!isOver && left > 0) this.#heard.set(fingerprint, alert);
    }
  }

  async #clean(): Promise<void> {
    const { clock, retentionMs } = this.#deps;
    await this.#turns.take(TURN, () => this.book.clean(clock.now() - retentionMs));
  }
}

/** What began first is looked at first; what ended is before what begins. */
function inOrder(a: IncidentsInput, b: IncidentsInput): number {
  return signOf(a) - signOf(b);
}

function signOf(input: IncidentsInput): number {
  return input.kind === 'fires' ? input.alert.signAt : 0;
}

function firstOf<One>(all: Iterable<One>, most: number): readonly One[] {
  const some: One[] = [];
  for (const one of all) {
    if (some.length >= most) break;
    some.push(one);
  }
  return some;
}

function raise(text: string): never {
  throw new Error(text);
}
