import type { Engine } from '../engine/index.ts';
import type { EventHub } from '../http/sse.ts';
import type { ApiModule } from '../http/types.ts';
import type { Journal, StateStore } from '../journal/index.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Random } from '../kernel/random.ts';
import type { Service } from '../kernel/services.ts';
import type { Telemetry } from '../kernel/telemetry.ts';
import { NeedleSet } from '../logs/index.ts';
import { statisticalAnalyst } from './analysis/statistical.ts';
import type { EventsConfig } from './config.ts';
import { Histories } from './history/histories.ts';
import { EventDoors } from './ingest/doors.ts';
import { Judge } from './ingest/judge.ts';
import { LiveEvents } from './live.ts';
import { Archives } from './maintenance/archives.ts';
import { Cleanup } from './maintenance/cleanup.ts';
import { ReEvaluator } from './maintenance/re-evaluation.ts';
import { Mask } from './mask.ts';
import { eventIngestApi } from './routes/ingest.ts';
import { judgementApi } from './routes/judgement.ts';
import { eventLogsApi } from './routes/logs.ts';
import { eventMaintenanceApi } from './routes/maintenance.ts';
import { eventRulesApi } from './routes/rules.ts';
import type { RuleSettings } from './rule-set.ts';
import { EventReader } from './store/reader.ts';
import { EventsStore } from './store/store.ts';
import { type EventsTelemetry, eventsTelemetry } from './telemetry.ts';
import { Upkeep } from './upkeep.ts';
import { UserRules } from './user-rules/store.ts';
import { VerdictCounts } from './verdict-counts.ts';
import { type VerdictSource, VerdictStates } from './verdict-states.ts';
import { type PostHook, Webhooks } from './webhooks/webhooks.ts';

export interface EventsDeps {
  readonly engine: Engine;
  readonly journal: Journal;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly config: EventsConfig;
  readonly post: PostHook;
  /** Where archives are kept. */
  readonly archiveDirectory: string;
  readonly hub: () => EventHub;
  readonly newId: () => string;
  /** Lets other work run in the middle of a long one. */
  readonly breathe: () => Promise<void>;
}

/** Events with verdicts, built and connected. */
export interface EventsSlice {
  readonly apis: readonly ApiModule[];
  readonly services: readonly Service[];
  /** For whoever judges services by their events. */
  readonly verdicts: VerdictSource;
}

function settingsOf(config: EventsConfig): RuleSettings {
  const { limits, approach, anomaly } = config;
  return {
    limits,
    approach,
    anomaly: { zScore: anomaly.z_score, strong: anomaly.strong_z_score, minEvents: anomaly.min_events },
    bands: { warning: config.warning_threshold, critical: config.critical_threshold },
  };
}

export function createEvents(deps: EventsDeps): EventsSlice {
  const { engine, state, clock, config, breathe, newId, log } = deps;
  const settings = settingsOf(config);
  const histories = new Histories(config.anomaly.max_histories);
  const store = new EventsStore({ ...deps, histories });
  // Counted before the telemetry that reads it exists: both are asked only once all is built.
  const parts: { webhooks?: Webhooks } = {};
  const telemetry = eventsTelemetry(deps.telemetry, () => ({
    pendingEvents: store.pendingRows,
    pendingBytes: store.pendingBytes,
    histories: histories.size,
    withoutHistory: histories.turnedAway,
    webhooksWaiting: parts.webhooks?.waiting ?? 0,
  }));
  const rules = new UserRules({
    state,
    settings,
    fileRules: config.rules,
    mostRules: config.max_rules,
    failed: (rule) => telemetry.ruleFailures.inc({ rule }),
  });
  const reader = new EventReader({ engine, store, breathe });
  const reEvaluator = new ReEvaluator({
    reader,
    state,
    clock,
    log,
    setOf: (tenant) => rules.setOf(tenant),
    counted: telemetry.reevaluated,
  });
  rules.onChange((tenant) => reEvaluator.rulesChanged(tenant));
  const archives = new Archives(deps.archiveDirectory);
  const cleanup = new Cleanup({ engine, store, archives, clock, newId });
  const webhooks = new Webhooks({ ...deps, hooks: config.webhooks, counted: telemetry.webhooks });
  parts.webhooks = webhooks;
  const states = new VerdictStates(settings.bands, () => clock.now());
  const live = new LiveEvents({ clock, hub: deps.hub });
  listen(store, { states, live, webhooks, telemetry });
  const doors = doorsOf(deps, { store, histories, rules, telemetry });
  return {
    apis: [
      eventIngestApi({ doors, repeats: telemetry.repeats }),
      eventLogsApi(reader, settings.bands),
      judgementApi({
        engine,
        reader,
        store,
        states,
        analyst: statisticalAnalyst,
        reEvaluator,
        clock,
        bands: settings.bands,
      }),
      eventRulesApi({ rules, reader, clock }),
      eventMaintenanceApi({ cleanup, archives, clock }),
      live.api(),
    ],
    services: [
      store,
      webhooks,
      live,
      new Upkeep({ store, reader, states, histories, cleanup, reEvaluator, clock, log, config }),
    ],
    verdicts: states,
  };
}

function listen(
  store: EventsStore,
  parts: {
    readonly states: VerdictStates;
    readonly live: LiveEvents;
    readonly webhooks: Webhooks;
    readonly telemetry: EventsTelemetry;
  },
): void {
  const counts = new VerdictCounts(parts.telemetry);
  store.onStored((chunk) => {
    parts.states.observe(chunk);
    counts.observe(chunk);
    parts.live.observe(chunk);
    parts.webhooks.observe(chunk);
  });
}

function doorsOf(
  { clock, config, newId, breathe }: EventsDeps,
  parts: {
    readonly store: EventsStore;
    readonly histories: Histories;
    readonly rules: UserRules;
    readonly telemetry: EventsTelemetry;
  },
): EventDoors {
  const { store, histories, rules, telemetry } = parts;
  const mask = new Mask({
    names: config.mask.fields,
    values: config.mask.values,
    needles: (texts) => new NeedleSet(texts),
    masked: () => telemetry.masked.inc(),
  });
  const judge = new Judge({
    clock,
    config,
    mask,
    ruleSet: (tenant) => rules.setOf(tenant),
    newId,
  });
  return new EventDoors({
    judge,
    store,
    histories,
    refused: telemetry.refused,
    mostItems: config.max_batch,
    breathe,
  });
}
