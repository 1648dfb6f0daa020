import { openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import type { OpenStateStore } from '../../journal/index.ts';
import { createMemoryJournal, type MemoryJournal, openTestState } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { Alertmanager, type AlertmanagerDeps } from '../alertmanager.ts';
import { alertmanagerApi } from '../api/alertmanager-api.ts';
import { alertRoutingApi } from '../api/routing-api.ts';
import { type AlertmanagerConfig, loadAlertmanagerConfig } from '../config/load.ts';
import { maintenanceApi } from '../maintenance/routes.ts';
import { onCallApis } from '../oncall/index.ts';
import { alertPagesApi, type RulesNow } from '../pages/pages-api.ts';

export interface TestAlertmanager {
  readonly alertmanager: Alertmanager;
  readonly app: HttpApp;
  readonly state: OpenStateStore;
  readonly journal: MemoryJournal;
  stop(): Promise<void>;
}

const NO_RULES: RulesNow = { groups: () => [], externalLabels: new Map() };

/** The configuration of a text; throws what is wrong with it. */
export function alertmanagerConfig(text: string): AlertmanagerConfig {
  const loaded = loadAlertmanagerConfig({ name: 'am.yml', text, directory: null });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

/** Alertmanager with its APIs, without the rest of the server: no engine, a journal in memory; by default a state in memory and a clock that stands still. */
export async function openTestAlertmanager(
  config: string,
  over: Partial<AlertmanagerDeps> & {
    readonly state?: OpenStateStore;
    readonly journal?: MemoryJournal;
    readonly rules?: RulesNow;
  } = {},
): Promise<TestAlertmanager> {
  const state = over.state ?? (await openTestState());
  const journal = over.journal ?? createMemoryJournal();
  let made = 0;
  const deps: AlertmanagerDeps = {
    clock: new ManualClock(),
    random: () => 0.5,
    log: silentLog,
    telemetry: createTelemetry(),
    engine: { query: () => Promise.reject(new Error('there is no engine here')) },
    tenant: 'default',
    config: alertmanagerConfig(config),
    maxAlerts: 100_000,
    http: {
      send: () => Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0) }),
      connect: () => Promise.reject(new Error('there is no network here')),
      readText: () => Promise.reject(new Error('there are no files here')),
    },
    externalUrl: () => 'http://pharos.example',
    newId: () => `id-${++made}`,
    breathe: () => Promise.resolve(),
    ...over,
    state,
    journal,
  };
  const alertmanager = new Alertmanager(deps);
  const never = new AbortController().signal;
  for (const service of alertmanager.services) await service.start?.(never);
  const app = await openTestApp([
    alertmanagerApi({ alertmanager, clock: deps.clock, version: 'test' }),
    alertRoutingApi(alertmanager),
    maintenanceApi({ clock: deps.clock, maintenance: alertmanager.maintenance }),
    ...onCallApis({ clock: deps.clock, onCall: alertmanager.onCall, externalUrl: deps.externalUrl }),
    alertPagesApi({ alertmanager, clock: deps.clock, rules: over.rules ?? NO_RULES }),
  ]);
  return {
    alertmanager,
    app,
    state,
    journal,
    stop: async () => {
      await app.close();
      for (const service of [...alertmanager.services].reverse()) await service.stop?.(never);
    },
  };
}
