import { readFile } from 'node:fs/promises';
import {
  Alertmanager,
  type AlertmanagerDeps,
  alertmanagerApi,
  alertRoutingApi,
  egressDoor,
  maintenanceApi,
  onCallApis,
  type PostedAlert,
  type QuietSettings,
  readAlertmanagerConfig,
  readOnCall,
  type ServiceMap,
} from './alerts/index.ts';
import type { PharosConfig } from './config.ts';
import type { Egress } from './egress/index.ts';
import { DEFAULT_TENANT } from './http/admit.ts';
import type { ApiModule } from './http/types.ts';
import { problemLine } from './kernel/config/load.ts';
import { countedIds } from './kernel/counted-ids.ts';
import { defineErrors } from './kernel/errors.ts';
import { systemRandom } from './kernel/random.ts';
import type { Service } from './kernel/services.ts';
import type { Reloadable } from './reload.ts';
import { VERSION } from './version.ts';
import type { Base, Storage } from './wire-storage.ts';

interface AlertmanagerParts {
  readonly config: PharosConfig;
  readonly storage: Pick<Storage, 'engine' | 'journal' | 'alertState'>;
  readonly egress: Egress;
  /** Where Pharos is found from outside. */
  readonly publicUrl: () => string;
  /** Who calls whom, and how services are. */
  readonly serviceMap: ServiceMap;
}

interface AlertmanagerWiring extends Reloadable {
  /** Takes alerts of Pharos' own rules; what could not be written is told again with the rules' next round. */
  hear(alerts: readonly RuleAlert[]): void;
  readonly apis: readonly ApiModule[];
  readonly services: readonly Service[];
  readonly alertmanager: Alertmanager;
}

/** What is handed on of a rule's alert. */
type RuleAlert = Omit<PostedAlert, 'startsAt' | 'endsAt'> & {
  readonly startsAt: number;
  readonly endsAt: number;
};

const startErrors = defineErrors('alertmanager', { refused: { kind: 'bad_request' } });

/** Alerts, their routes and those who are told. Throws `refused` when Alertmanager's configuration is not well-formed. */
export function wireAlertmanager(base: Base, parts: AlertmanagerParts): AlertmanagerWiring {
  const { config, storage, egress } = parts;
  const { config_file: file, max_alerts: maxAlerts } = config.alertmanager;
  const loaded = readFiles(config);
  if (!loaded.ok) throw startErrors.make('refused', loaded.problems.join('; '));
  for (const warning of loaded.routing.warnings) base.log.warn({ file }, warning);
  const externalUrl = (): string => parts.publicUrl().replace(/\/$/, '');
  const alertmanager = new Alertmanager({
    ...base,
    random: systemRandom,
    engine: storage.engine,
    journal: storage.journal,
    state: storage.alertState,
    tenant: DEFAULT_TENANT,
    config: loaded.routing,
    onCall: loaded.onCall,
    quiet: config.alertmanager,
    serviceMap: parts.serviceMap,
    maxAlerts,
    http: egressDoor(egress, (path) => readFile(path, 'utf8')),
    externalUrl,
    newId: countedIds(),
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
  });
  return {
    hear: (alerts) => {
      alertmanager.receive(alerts).then(
        (refusals) => {
          if (refusals.length > 0) base.log.warn({ refusals }, 'alerts of rules were refused');
        },
        (error: unknown) => base.log.error({ err: error }, 'alerts of rules could not be taken'),
      );
    },
    ...reloading(base, alertmanager),
    apis: [
      alertmanagerApi({ alertmanager, clock: base.clock, version: VERSION }),
      alertRoutingApi(alertmanager),
      maintenanceApi({ clock: base.clock, maintenance: alertmanager.maintenance }),
      ...onCallApis({ clock: base.clock, onCall: alertmanager.onCall, externalUrl }),
    ],
    services: alertmanager.services,
    alertmanager,
  };
}

type Files =
  | {
      readonly ok: true;
      readonly routing: AlertmanagerDeps['config'];
      readonly onCall: NonNullable<AlertmanagerDeps['onCall']>;
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Alertmanager's file, and that of who is on call, which names its receivers: both, or what is wrong. */
function readFiles({ alertmanager, onCall }: PharosConfig): Files {
  const routing = readAlertmanagerConfig(alertmanager.config_file);
  if (!routing.ok) return { ok: false, problems: routing.problems.map(problemLine) };
  const receivers = new Set(routing.config.receivers.map(({ name }) => name));
  const people = readOnCall(onCall.config_file, receivers);
  return people.ok
    ? { ok: true, routing: routing.config, onCall: people.config }
    : { ok: false, problems: people.problems.map(problemLine) };
}

/** The files are read when a new configuration is judged, and what was judged is what is taken. */
function reloading({ log }: Base, alertmanager: Alertmanager): Reloadable {
  let judged: (Files & { readonly quiet: QuietSettings }) | null = null;
  return {
    name: 'alertmanager',
    problems: (next) => {
      judged = { ...readFiles(next), quiet: next.alertmanager };
      return judged.ok ? [] : judged.problems;
    },
    applyConfig: () => {
      if (judged?.ok !== true) return;
      for (const warning of judged.routing.warnings) log.warn({}, warning);
      alertmanager.configure(judged.routing, judged).catch((error: unknown) => {
        log.error({ err: error }, 'alerts could not be put into their new groups');
      });
    },
  };
}
