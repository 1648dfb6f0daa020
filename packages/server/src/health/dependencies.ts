import type { Status } from './status.ts';
import type { Reason, SourceKind, SourceVerdict } from './verdict.ts';

/** What the causes are told from: a service's own state before its dependencies are considered. */
export interface Judged {
  readonly status: Status;
  readonly sources: readonly SourceVerdict[];
}

/** Service to the services that it calls. */
export type Calls = ReadonlyMap<string, ReadonlySet<string>>;

/** Sources that tell of the service itself; the rest are symptoms that a dependency may cause. */
const OWN: ReadonlySet<SourceKind> = new Set(['scrape', 'report', 'probe', 'heartbeat', 'resources']);

/** Sources by which its callers feel what is wrong with a service. */
const FELT: ReadonlySet<SourceKind> = new Set(['scrape', 'poll', 'report', 'probe', 'heartbeat', 'traffic']);

/**
 * Whether a service has a trouble that no dependency explains. One lost look is none yet: two of them are, in a row or of two kinds. Nor is
 * a /health that comes too late, as long as the metrics come: it asks those that the service calls, and waits for them.
 */
export function hasOwnFault({ sources }: Judged): boolean {
  const isSeen = sources.some(({ kind, status }) => kind === 'scrape' && status === 'healthy');
  const isLostLook = ({ kind, failing, status, refused }: SourceVerdict): boolean =>
    failing && (status === 'degraded' || (kind === 'poll' && isSeen && refused !== true));
  return (
    sources.filter(({ failing }) => failing).length > 1 ||
    sources.some(
      (one) =>
        !isLostLook(one) && (one.failing || one.own === true || (OWN.has(one.kind) && isBad(one.status))),
    )
  );
}

/** Whether the callers of a service that is not well feel it: who answers as fast and as well as ever fails nobody, however busy it is. */
export function failsCallers({ sources }: Judged): boolean {
  const felt = sources.filter(({ kind }) => FELT.has(kind));
  const isAnswering = felt.some(({ kind, status }) => kind === 'traffic' && status === 'healthy');
  if (sources.some(({ felt: isSaidToBe }) => isSaidToBe === true)) return true;
  return !isAnswering || felt.some(({ failing, status }) => failing || isBad(status));
}

/** Whether all that is wrong with a service is that its machine has no processor left for it; undefined where nothing is wrong. */
export function waitsForMachine({ sources }: Pick<Judged, 'sources'>): boolean | undefined {
  const bad = sources.filter(({ status }) => isBad(status));
  return bad.length === 0 ? undefined : bad.every(({ ofMachine }) => ofMachine === true);
}

/** Whether a service does not get answers that it needs: it stopped asking for them, and knows so before anybody else does. */
export function lacksAnswers({ sources }: Judged): boolean {
  return sources.some(({ kind, status }) => kind === 'breaker' && isBad(status));
}

/**
 * The services that one which is not well suffers from: down its calls as far as they are not well either, to those that
 * have a fault of their own or call nobody who is unwell. Empty when it is itself where the trouble is.
 */
export function causesOf(service: string, services: ReadonlyMap<string, Judged>, calls: Calls): string[] {
  const judged = services.get(service);
  if (judged === undefined || !isUnwell(judged) || hasOwnFault(judged)) return [];
  const causes = new Set<string>();
  const seen = new Set([service]);
  const follow = (name: string): void => {
    for (const next of unwellCallees(name, services, calls)) {
      if (seen.has(next)) continue;
      seen.add(next);
      const callee = services.get(next);
      const deeper = unwellCallees(next, services, calls).filter((other) => !seen.has(other));
      if (callee === undefined || hasOwnFault(callee) || deeper.length === 0) causes.add(next);
      else follow(next);
    }
  };
  follow(service);
  return [...causes].sort();
}

function unwellCallees(name: string, services: ReadonlyMap<string, Judged>, calls: Calls): string[] {
  return [...(calls.get(name) ?? [])].filter((other) => {
    const judged = services.get(other);
    return judged !== undefined && isUnwell(judged);
  });
}

export function isUnwell({ status }: Pick<Judged, 'status'>): boolean {
  return isBad(status);
}

function isBad(status: Status): boolean {
  return status === 'degraded' || status === 'unhealthy';
}

/** What a service that suffers from others is told; its state stays its own. */
export function dependencyReasons(
  causes: readonly string[],
  services: ReadonlyMap<string, Judged>,
): Reason[] {
  return causes.map((name) => ({
    source: 'dependency',
    severity: 'info',
    message: `it calls ${name}, which is ${services.get(name)?.status ?? 'unknown'}`,
  }));
}
