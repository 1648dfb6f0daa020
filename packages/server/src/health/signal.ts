import type { Status } from './status.ts';

/** What else is known of a service, beside what looks at it and its own reports say. */
export type SignalKind = 'probe' | 'heartbeat' | 'traffic' | 'resources' | 'breaker' | 'errors' | 'events';

/** One thing that another part of Pharos says of a service now. A kind may say several. */
export interface Signal {
  readonly kind: SignalKind;
  readonly status: Status;
  /** Why, with the figure and the limit; read by people at night. Empty when there is nothing to say. */
  readonly message: string;
  /** No service that it calls explains it; false when absent. */
  readonly isOwn?: boolean;
  /** Its callers feel it, even where the service's own traffic does not show it; false when absent. */
  readonly isFelt?: boolean;
  /** The machine is to blame, which has no processor left for the service; false when absent. */
  readonly isOfMachine?: boolean;
  /** Wall-clock ms of what it rests on; null when it never had anything. */
  readonly at: number | null;
}

/** What a slice publishes to health. Asked once a second for every tenant: it answers from memory. */
export type SignalSource = (tenant: string) => ReadonlyMap<string, readonly Signal[]>;

/**
 * How bad a kind of signal alone can make a service. Only what shows that callers do not get their answers makes
 * unhealthy; symptoms that a service survives (a breaker that protects it, a busy core, a new error) degrade it.
 */
export const WORST_OF: Readonly<Record<SignalKind, 'degraded' | 'unhealthy'>> = {
  probe: 'unhealthy',
  heartbeat: 'unhealthy',
  traffic: 'unhealthy',
  events: 'unhealthy',
  resources: 'degraded',
  breaker: 'degraded',
  errors: 'degraded',
};

export const SIGNAL_KINDS = [
  'probe',
  'heartbeat',
  'traffic',
  'resources',
  'breaker',
  'errors',
  'events',
] as const satisfies readonly SignalKind[];

/** The signals of several sources together, per service. */
export function mergeSignals(
  sources: readonly ReadonlyMap<string, readonly Signal[]>[],
): Map<string, readonly Signal[]> {
  const merged = new Map<string, readonly Signal[]>();
  for (const source of sources) {
    for (const [service, signals] of source) {
      const before = merged.get(service);
      merged.set(service, before === undefined ? signals : [...before, ...signals]);
    }
  }
  return merged;
}
