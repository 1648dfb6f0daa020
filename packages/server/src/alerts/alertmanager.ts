import type { Engine } from '../engine/index.ts';
import type { Journal, StateStore } from '../journal/index.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { Service } from '../kernel/services.ts';
import type { Telemetry } from '../kernel/telemetry.ts';
import {
  type AlertQuery,
  type AlertsNow,
  queryAlerts,
  queryGroups,
  type ReceivedAlert,
  receivedAlerts,
} from './api/query.ts';
import type { AlertmanagerConfig } from './config/load.ts';
import { Damper } from './damping/damper.ts';
import type { DampingRule } from './damping/damping.ts';
import type { Decision } from './decisions/decision.ts';
import { DecisionLog } from './decisions/decision-log.ts';
import type { DeliveryEvent, DeliverySpan } from './decisions/delivery-events.ts';
import { type Explanation, explain } from './decisions/explain.ts';
import type { Told } from './decisions/told.ts';
import { alertStore } from './dispatch/alert-store.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { alertErrors } from './errors.ts';
import type { FoldingRules } from './folding/fold.ts';
import { Folder } from './folding/folder.ts';
import { NO_MAP, type ServiceMap } from './folding/service-map.ts';
import { MaintenanceBook } from './maintenance/book.ts';
import type { WrittenWindow } from './maintenance/schema.ts';
import type { HttpDoor } from './notifiers/http.ts';
import { sendItem } from './notifiers/send.ts';
import { NO_ON_CALL, type OnCallConfig } from './oncall/config/load.ts';
import { OnCall } from './oncall/on-call.ts';
import { Courier } from './outbox/courier.ts';
import { acceptAlerts, type PostedAlert } from './received/accept.ts';
import { type Alert, isResolvedAt } from './received/alert.ts';
import { matchingRoutes, type RouteNode } from './routes/tree.ts';
import { SilenceStore } from './silences/store.ts';
import { alertsTelemetry } from './telemetry.ts';

export interface AlertmanagerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly engine: Pick<Engine, 'query'>;
  readonly journal: Pick<Journal, 'append' | 'replay'>;
  /** A store of alerts alone: a flood of them must not keep anybody from logging in. */
  readonly state: StateStore;
  readonly tenant: string;
  readonly config: AlertmanagerConfig;
  /** What keeps alerts quiet besides Alertmanager's file; nothing when absent. */
  readonly quiet?: QuietSettings;
  /** Who calls whom, by which alerts are folded; nothing is known when absent. */
  readonly serviceMap?: ServiceMap;
  /** Who is on call; nobody when absent. */
  readonly onCall?: OnCallConfig;
  readonly maxAlerts: number;
  readonly http: HttpDoor;
  externalUrl(): string;
  newId(): string;
  /** Lets requests and timers run in the middle of long work. */
  breathe(): Promise<void>;
}

/** What of Pharos' own configuration keeps alerts quiet. */
export interface QuietSettings {
  readonly maintenance: readonly WrittenWindow[];
  readonly damping: readonly DampingRule[];
  /** Null, as when absent, folds nothing. */
  readonly folding?: FoldingRules | null;
}

const NOT_QUIET: QuietSettings = { maintenance: [], damping: [] };

/** Alerts stored and put into their groups in one go: what follows waits a moment. */
const ALERTS_AT_ONCE = 500;

/** Alertmanager, of one tenant: alerts come in, find their groups, and those who should know are told. */
export class Alertmanager {
  readonly silences: SilenceStore;
  readonly services: readonly Service[];
  readonly startedAt: number;
  readonly onCall: OnCall;
  readonly maintenance: MaintenanceBook;
  readonly #deps: AlertmanagerDeps;
  readonly #decisions: DecisionLog;
  readonly #dispatcher: Dispatcher;
  readonly #damper: Damper;
  readonly #folder: Folder;
  readonly #decide: (decisions: readonly Decision[]) => Promise<void>;
  readonly #listeners = new Set<(alerts: readonly Alert[]) => void>();
  #config: AlertmanagerConfig;

  constructor(deps: AlertmanagerDeps) {
    const { clock, log, state, tenant, config } = deps;
    this.#deps = deps;
    this.#config = config;
    this.startedAt = clock.now();
    const telemetry = alertsTelemetry(deps.telemetry);
    this.#decisions = new DecisionLog({ ...deps, lose: telemetry.lostDecisions });
    this.silences = new SilenceStore(deps);
    const quiet = deps.quiet ?? NOT_QUIET;
    this.maintenance = new MaintenanceBook({ ...deps, configured: quiet.maintenance });
    this.#damper = new Damper(quiet.damping);
    this.#folder = new Folder(quiet.folding ?? null, deps.serviceMap ?? NO_MAP, this.startedAt);
    const decide = async (decisions: readonly Decision[]): Promise<void> => {
      await this.#decisions.decide(decisions);
      telemetry.decided(decisions);
    };
    this.#decide = decide;
    const courier: Courier = new Courier({
      ...deps,
      decide,
      send: (item) =>
        sendItem(this.onCall.withLinks(item), {
          clock,
          http: deps.http,
          config: () => this.#config,
          externalUrl: () => deps.externalUrl(),
          lastMemo: (key) => courier.lastMemo(key),
        }),
    });
    this.onCall = new OnCall({
      ...deps,
      courier,
      decide,
      config: deps.onCall ?? NO_ON_CALL,
      receivers: () => this.#config.receivers,
      look: (of) => this.#dispatcher.look(of),
      groups: () => this.#dispatcher.groups(),
      alert: (fingerprint) => this.#dispatcher.alert(fingerprint),
      root: () => this.#dispatcher.root,
      world: () => this.#dispatcher.world(),
    });
    this.#dispatcher = new Dispatcher({
      clock,
      log,
      store: alertStore(state, tenant),
      silences: this.silences.book,
      courier,
      config,
      escalations: this.onCall.escalations,
      maintenance: this.maintenance,
      folder: this.#folder,
      decide,
      breathe: deps.breathe,
    });
    telemetry.watch({
      alerts: () => this.#dispatcher.alerts().length,
      groups: () => this.#dispatcher.groups().length,
      waiting: () => courier.waiting,
      owed: () => this.#decisions.owed,
      pages: () => this.onCall.escalations.book.open().length,
    });
    this.services = [
      this.#decisions,
      this.silences,
      this.maintenance,
      courier,
      ...this.onCall.services,
      this.#dispatcher,
      ...this.onCall.lateServices,
    ];
  }

  get config(): AlertmanagerConfig {
    return this.#config;
  }

  get root(): RouteNode {
    return this.#dispatcher.root;
  }

  /** Another configuration; alerts find their groups anew. */
  async configure(
    config: AlertmanagerConfig,
    more: { readonly onCall?: OnCallConfig; readonly quiet?: QuietSettings } = {},
  ): Promise<void> {
    const { quiet } = more;
    this.#config = config;
    if (quiet !== undefined) {
      this.maintenance.configure(quiet.maintenance);
      this.#damper.configure(quiet.damping);
    }
    // Groups flush while their history is written, to those who are on call now.
    await this.#dispatcher.configure(config, () => {
      if (quiet !== undefined) this.#folder.configure(quiet.folding ?? null);
      this.onCall.configure(more.onCall ?? this.onCall.escalations.config);
    });
  }

  /**
   * Takes alerts. Resolves when they are on disk, with what is wrong with those that were not taken. Rejects with `tooMany` where there was no
   * room for new ones: those it had room for were taken, and all that are known.
   */
  async receive(posted: readonly PostedAlert[]): Promise<readonly string[]> {
    const { clock, maxAlerts, breathe } = this.#deps;
    const now = clock.now();
    const wrong: string[] = [];
    let left = 0;
    for (let at = 0; at < posted.length; at += ALERTS_AT_ONCE) {
      if (at > 0) await breathe();
      const some = posted.slice(at, at + ALERTS_AT_ONCE);
      const { alerts, refusals } = acceptAlerts(some, now, this.#config.resolveTimeoutMs);
      wrong.push(...refusals);
      const admitted = this.#admitted(alerts);
      left += admitted.left;
      const taken = await this.#damped(admitted.alerts);
      await this.#dispatcher.receive(taken);
      const heard = taken.flatMap(({ fingerprint }) => this.#dispatcher.alert(fingerprint) ?? []);
      for (const listener of this.#listeners) listener(heard);
    }
    if (left > 0)
      throw alertErrors.make(
        'tooMany',
        `${this.#dispatcher.count} alerts are known, ${maxAlerts} is the limit: ${left} new ${left === 1 ? 'one was' : 'ones were'} not taken`,
        { retryAfterSeconds: 30 },
      );
    return wrong;
  }

  /**
   * Alerts there is room for: all that are known, and new ones as far as they fit; `left` counts those that do not. One that ended and that
   * nobody knows gives way without a word: there is nobody who waits to hear of its end.
   */
  #admitted(heard: readonly Alert[]): { readonly alerts: readonly Alert[]; readonly left: number } {
    const { clock, maxAlerts } = this.#deps;
    const now = clock.now();
    const unknown = heard.filter(({ fingerprint }) => !this.#dispatcher.knows(fingerprint));
    const namesOf = (alerts: readonly Alert[]): readonly string[] =>
      alerts.map(({ fingerprint }) => fingerprint);
    const firing = new Set(namesOf(unknown.filter((alert) => !isResolvedAt(alert, now))));
    const room = Math.max(0, maxAlerts - this.#dispatcher.count);
    const out = new Set([...new Set([...firing, ...namesOf(unknown)])].slice(room));
    return {
      alerts: heard.filter(({ fingerprint }) => !out.has(fingerprint)),
      left: Math.max(0, firing.size - room),
    };
  }

  /** Calls with alerts that were taken, as they are known then. Returns the unsubscribe. */
  onHeard(listener: (alerts: readonly Alert[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Every alert that is known, some of which ended. */
  known(): readonly Alert[] {
    return this.#dispatcher.alerts();
  }

  alert(fingerprint: string): Alert | undefined {
    return this.#dispatcher.alert(fingerprint);
  }

  /** Whether somebody keeps an alert quiet on purpose: by a silence or a maintenance window. */
  isQuiet(alert: Alert): boolean {
    const now = this.#deps.clock.now();
    return (
      this.silences.book.silencing(alert, now).active.length > 0 ||
      this.maintenance.maintaining(alert.labels, now).length > 0
    );
  }

  /** Fingerprints of alerts that keep one quiet. */
  inhibitedBy(alert: Alert): readonly string[] {
    return this.#dispatcher.inhibitedBy(alert);
  }

  /** What people were told of alerts, and what they did about it. */
  told(
    fingerprints: readonly string[],
    span: DeliverySpan,
  ): Promise<{ readonly told: readonly Told[]; readonly isPartial: boolean }> {
    return this.#decisions.told(fingerprints, span);
  }

  /** Ends of alerts that come and go are held back, and the history says so. */
  async #damped(heard: readonly Alert[]): Promise<readonly Alert[]> {
    const now = this.#deps.clock.now();
    const known = (fingerprint: string): Alert | undefined => this.#dispatcher.alert(fingerprint);
    const { alerts, decisions } = this.#damper.damp(heard, known, { root: this.root, now });
    if (decisions.length > 0) await this.#decide(decisions);
    return alerts;
  }

  alerts(query: AlertQuery): ReturnType<typeof queryAlerts> {
    return queryAlerts(this.#dispatcher.alerts(), query, this.#now());
  }

  groups(query: Parameters<typeof queryGroups>[1]): ReturnType<typeof queryGroups> {
    const groups = this.#dispatcher.groups().map(({ ref, alerts }) => ({ ref, alerts: alerts.values() }));
    return queryGroups(groups, query, this.#now());
  }

  /** Every alert that has not ended, with what keeps it quiet for all of its receivers. */
  received(): readonly ReceivedAlert[] {
    const { folding } = this.#dispatcher.world();
    return receivedAlerts(this.#dispatcher.alerts(), {
      ...this.#now(),
      ...(folding !== undefined && { folding }),
    });
  }

  /** Names of the receivers that labels lead to. */
  receiversOf(labels: Alert['labels']): readonly string[] {
    return matchingRoutes(this.root, labels).map(({ options }) => options.receiver);
  }

  /** What happened to notifications in a span. */
  deliveries(
    span: DeliverySpan,
  ): Promise<{ readonly events: readonly DeliveryEvent[]; readonly isPartial: boolean }> {
    return this.#decisions.deliveries(span);
  }

  /** Why somebody was told of an alert, or nobody. */
  async why(fingerprint: string): Promise<Explanation & { readonly isPartial: boolean }> {
    const { decisions, isPartial } = await this.#decisions.of(fingerprint);
    return { ...explain(decisions), isPartial };
  }

  #now(): AlertsNow {
    const at = this.#deps.clock.now();
    const { book } = this.silences;
    return {
      at,
      root: this.root,
      intervals: this.#config.intervals,
      standingOf: (alert: Alert) => ({
        silencedBy: book.silencing(alert, at).active,
        inhibitedBy: this.#dispatcher.inhibitedBy(alert),
        mutedBy: [],
        // Whoever asks has looked at it, as in Alertmanager.
        isProcessed: true,
      }),
    };
  }
}
