import {
  type Alertmanager,
  alertIncidentsApi,
  type FactsQuestion,
  firstSigns,
  type Happening,
  type IncidentFacts,
  Incidents,
} from './alerts/index.ts';
import type { AnnotationStore } from './annotations/index.ts';
import type { Breakers } from './breakers/index.ts';
import type { PharosConfig } from './config.ts';
import type { Calls } from './health/index.ts';
import { DEFAULT_TENANT } from './http/admit.ts';
import type { ApiModule } from './http/types.ts';
import type { ServiceNames } from './kernel/names.ts';
import type { Service } from './kernel/services.ts';
import type { Reloadable } from './reload.ts';
import type { Alerts } from './wire-alerts.ts';
import type { Analysis } from './wire-analysis.ts';
import type { Errors } from './wire-errors.ts';
import type { Health } from './wire-health.ts';
import { breathe } from './wire-scrape.ts';
import type { Base, Storage } from './wire-storage.ts';

interface IncidentParts {
  readonly config: PharosConfig;
  readonly storage: Pick<Storage, 'alertState'>;
  readonly names: ServiceNames;
  readonly alertmanager: Alertmanager;
  readonly rules: Alerts['rules'];
  readonly health: Pick<Health, 'history'>;
  readonly breakers: Pick<Breakers, 'history'>;
  readonly errors: Pick<Errors, 'findings'>;
  readonly annotations: Pick<AnnotationStore, 'list'>;
  readonly causeOf: Analysis['causeOf'];
  /** Who calls whom. */
  readonly calls: (tenant: string) => Calls;
  readonly publicUrl: () => string;
}

interface IncidentsWiring extends Reloadable {
  readonly api: ApiModule;
  readonly service: Service;
}

/** Incidents of alerts, and what other slices know of the time around one. */
export function wireIncidents(base: Base, parts: IncidentParts): IncidentsWiring {
  const { config, alertmanager, rules, storage } = parts;
  const calls = (): Calls => parts.calls(DEFAULT_TENANT);
  const incidents = new Incidents({
    ...base,
    state: storage.alertState,
    tenant: DEFAULT_TENANT,
    settings: config.incidents,
    retentionMs: config.storage.retention.state,
    names: parts.names,
    alerts: alertmanager,
    firstSigns: () => firstSigns(rules.groups(), rules.externalLabels),
    calls,
    breathe,
  });
  const api = alertIncidentsApi({
    clock: base.clock,
    log: base.log,
    incidents,
    account: {
      facts: incidentFacts(parts),
      calls,
      told: (fingerprints, span) => alertmanager.told(fingerprints, span),
    },
    cause: (incident) => parts.causeOf(DEFAULT_TENANT, incident),
    people: () => alertmanager.onCall.rota.people.map(({ name }) => name),
    externalUrl: () => parts.publicUrl().replace(/\/$/, ''),
  });
  return {
    name: 'incidents',
    problems: () => [],
    applyConfig: (changed) => incidents.configure(changed.incidents),
    api,
    service: incidents,
  };
}

/** Changes of breakers in one account: the newest. */
const MOST_BREAKER_CHANGES = 2000;

/** Deployments, breakers, errors and states of services, as the slices that have them tell. */
function incidentFacts(parts: IncidentParts): IncidentFacts {
  return {
    async happenings(question) {
      const [states, breakers, errors] = await Promise.all([
        statesIn(parts, question),
        breakersIn(parts, question),
        errorsIn(parts, question),
      ]);
      return {
        happenings: [...deploymentsIn(parts, question), ...states.list, ...breakers.list, ...errors.list],
        warnings: [...states.warnings, ...breakers.warnings, ...errors.warnings],
      };
    },
  };
}

interface Found {
  readonly list: readonly Happening[];
  readonly warnings: readonly string[];
}

function deploymentsIn(
  { annotations, names }: IncidentParts,
  { from, to, services, neighbours }: FactsQuestion,
): readonly Happening[] {
  return annotations.list(DEFAULT_TENANT, from, to).flatMap(({ kind, time, service, title }): Happening[] => {
    const name = service === undefined ? '' : names.canonical(service);
    if (kind !== 'deployment' || time < from) return [];
    // What nobody says the place of may be anywhere; where nothing is known of services, any may count.
    const isNear =
      name === '' || services.length === 0 || services.includes(name) || neighbours.includes(name);
    return isNear
      ? [{ at: time, kind: 'deployment', service: name, text: title, of: '', isWorse: false }]
      : [];
  });
}

async function statesIn({ health }: IncidentParts, { from, to, services }: FactsQuestion): Promise<Found> {
  try {
    const told = await health.history.reaching(DEFAULT_TENANT, from);
    const list = told
      .filter(
        (one) => one.at >= from && one.at <= to && one.from !== one.to && services.includes(one.service),
      )
      .map(({ at, service, to: state, reason }): Happening => {
        const isWorse = state === 'degraded' || state === 'unhealthy';
        const text = `${service} became ${state}${isWorse && reason !== '' ? `: ${reason}` : ''}`;
        return { at, kind: 'health', service, text, of: '', isWorse };
      });
    return { list, warnings: [] };
  } catch {
    return { list: [], warnings: ['storage: changes of health could not be read'] };
  }
}

async function breakersIn(
  { breakers, names }: IncidentParts,
  { from, to, services }: FactsQuestion,
): Promise<Found> {
  const { list, partial } = await breakers.history.transitions(DEFAULT_TENANT, {
    since: from,
    limit: MOST_BREAKER_CHANGES,
  });
  const isCut = partial || list.length >= MOST_BREAKER_CHANGES;
  return {
    list: list.flatMap(({ at, service, name, upstream, to: state, reason }): Happening[] => {
      const near = [service, names.canonical(upstream)];
      if (at > to || !near.some((one) => services.includes(one))) return [];
      const why = reason === '' ? '' : `: ${reason}`;
      const text = `the breaker ${name} of ${service} became ${state}${why}`;
      return [{ at, kind: 'breaker', service, text, of: '', isWorse: false }];
    }),
    warnings: isCut ? ['storage: older changes of breakers could not be read'] : [],
  };
}

async function errorsIn(
  { errors }: IncidentParts,
  { from, to, services, signal }: FactsQuestion,
): Promise<Found> {
  const { findings, warnings } = await errors.findings(DEFAULT_TENANT, { from, to }, signal);
  const list = findings.flatMap(({ at, why, service, name, message, group }): Happening[] => {
    if (at === null || !services.includes(service)) return [];
    const what = why === 'regressed' ? 'is back' : 'is new';
    const text = `the error ${name} of ${service} ${what}${message === '' ? '' : `: ${message.slice(0, 200)}`}`;
    return [{ at, kind: 'error', service, text, of: group, isWorse: false }];
  });
  return { list, warnings };
}
