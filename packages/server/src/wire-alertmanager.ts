import { readFile } from 'node:fs/promises';
import {
  Alertmanager,
  alertmanagerApi,
  alertRoutingApi,
  type PostedAlert,
  readAlertmanagerConfig,
} from './alerts/index.ts';
import type { PharosConfig } from './config.ts';
import { type Egress, egressRequest } from './egress/index.ts';
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
}

interface AlertmanagerWiring extends Reloadable {
  /** Takes alerts of Pharos' own rules; what could not be written is told again with the rules' next round. */
  hear(alerts: readonly RuleAlert[]): void;
  readonly apis: readonly ApiModule[];
  readonly services: readonly Service[];
}

/** What is handed on of a rule's alert. */
type RuleAlert = Omit<PostedAlert, 'startsAt' | 'endsAt'> & {
  readonly startsAt: number;
  readonly endsAt: number;
};

const startErrors = defineErrors('alertmanager', { refused: { kind: 'bad_request' } });

/** Of a receiver's answer, which says why it refused. */
const MOST_ANSWER_BYTES = 16 * 1024;

/** Alerts, their routes and those who are told. Throws `refused` when Alertmanager's configuration is not well-formed. */
export function wireAlertmanager(base: Base, parts: AlertmanagerParts): AlertmanagerWiring {
  const { config, storage, egress } = parts;
  const { config_file: file, max_alerts: maxAlerts } = config.alertmanager;
  const loaded = readAlertmanagerConfig(file);
  if (!loaded.ok) throw startErrors.make('refused', loaded.problems.map(problemLine).join('; '));
  for (const warning of loaded.config.warnings) base.log.warn({ file }, warning);
  const alertmanager = new Alertmanager({
    ...base,
    random: systemRandom,
    engine: storage.engine,
    journal: storage.journal,
    state: storage.alertState,
    tenant: DEFAULT_TENANT,
    config: loaded.config,
    maxAlerts,
    http: {
      post: (request) =>
        egressRequest(egress, {
          ...request,
          method: 'POST',
          trust: 'configured',
          purpose: 'notification',
          maxBytes: MOST_ANSWER_BYTES,
        }),
      readText: (path) => readFile(path, 'utf8'),
    },
    externalUrl: () => parts.publicUrl().replace(/\/$/, ''),
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
    ],
    services: alertmanager.services,
  };
}

/** The file is read when a new configuration is judged, and what was judged is what is taken. */
function reloading({ log }: Base, alertmanager: Alertmanager): Reloadable {
  let judged: ReturnType<typeof readAlertmanagerConfig> | null = null;
  return {
    name: 'alertmanager',
    problems: ({ alertmanager: { config_file: file } }) => {
      judged = readAlertmanagerConfig(file);
      return judged.ok ? [] : judged.problems.map(problemLine);
    },
    applyConfig: () => {
      if (judged?.ok !== true) return;
      for (const warning of judged.config.warnings) log.warn({}, warning);
      alertmanager.configure(judged.config).catch((error: unknown) => {
        log.error({ err: error }, 'alerts could not be put into their new groups');
      });
    },
  };
}
