import type { Annotation } from '../../annotations/index.ts';
import type { BreakerTransition } from '../../breakers/index.ts';
import type { ErrorFinding } from '../../errors/index.ts';
import {
  type Incident,
  incidentsOf,
  type ServiceHealth,
  type ServiceTransition,
} from '../../health/index.ts';
import type { Deviation } from '../deviation.ts';
import { type EndpointFigures, readEndpoints } from '../endpoints.ts';
import { readWaits, withoutWaits } from '../machine-waits.ts';
import { deviationsIn, readSignals } from '../signal-lines.ts';
import type { AnalysisSources, Scope } from '../sources.ts';

/** All that the ranking rests on. Times in epoch ms. */
export interface Facts {
  readonly from: number;
  readonly to: number;
  /** As they stand now; empty when the past is asked for. */
  readonly services: readonly ServiceHealth[];
  /** Those that touch the window, the oldest first. */
  readonly incidents: readonly Incident[];
  readonly errors: readonly ErrorFinding[];
  /** Breakers that opened in the window, the oldest first; upstreams canonical. */
  readonly opened: readonly BreakerTransition[];
  readonly deviations: readonly (Deviation & { readonly service: string })[];
  readonly endpoints: readonly EndpointFigures[];
  /** Deployments from half an hour before the window, or what lasts in it, on. */
  readonly deployments: readonly Annotation[];
  /** Services of which something is known in the window. */
  readonly known: readonly string[];
  readonly warnings: readonly string[];
}

/** A change may show its effect this much later. */
export const DEPLOYMENT_REACH_MS = 1_800_000;
/** Incidents that began before the window are known this far back. */
const REACH_MS = 7 * 86_400_000;

/** Reads the facts of all services: a cause may be one that nobody asked about. */
export async function readFacts(sources: AnalysisSources, scope: Scope, live: boolean): Promise<Facts> {
  const { tenant, from, to, signal } = scope;
  const all: Scope = { ...scope, keep: () => true };
  const reach = Math.min(from, sources.clock.now() - REACH_MS);
  const [told, lines, waits, endpoints, errors, breakers] = await Promise.all([
    sources.told(tenant, reach),
    readSignals(sources, all),
    readWaits(sources, all),
    readEndpoints(sources, all),
    sources.errors(tenant, { from, to }, signal),
    sources.breakerChanges(tenant, from),
  ]);
  const past = told.filter(({ at }) => at <= to);
  const incidents = incidentsOf(past).filter((incident) => (incident.to ?? to) >= from);
  const services = live ? sources.services(tenant) : [];
  const began = incidents.reduce((first, incident) => Math.min(first, incident.from), from);
  return {
    from,
    to,
    services,
    incidents: incidents.reverse(),
    errors: errors.findings,
    opened: breakers.list
      .filter(({ at, to: state }) => at <= to && state === 'OPEN')
      .map((change) => ({ ...change, upstream: sources.names.canonical(change.upstream) }))
      .reverse(),
    deviations: deviationsIn(withoutWaits(lines, waits, from), from),
    endpoints,
    deployments: sources
      .annotations(tenant, began - DEPLOYMENT_REACH_MS, to)
      .filter(({ kind }) => kind === 'deployment')
      .map((one) =>
        one.service === undefined ? one : { ...one, service: sources.names.canonical(one.service) },
      ),
    known: [
      ...new Set([
        ...lines.services.keys(),
        ...services.filter(({ status }) => status !== 'unknown').map(({ name }) => name),
        ...(live ? [] : lastStates(past)),
      ]),
    ],
    warnings: [
      ...errors.warnings,
      ...(breakers.partial ? ['storage: older changes of breakers could not be read'] : []),
    ],
  };
}

/** Services whose last state of then, oldest first, was one that is known. */
function lastStates(past: readonly ServiceTransition[]): string[] {
  const last = new Map(past.map(({ service, to }) => [service, to]));
  return [...last].filter(([, state]) => state !== 'unknown').map(([service]) => service);
}
