import type { Signal } from '../signal.ts';
import type { Status } from '../status.ts';

/** How a probe's target is. */
export interface ProbeStanding {
  readonly name: string;
  /** `http`, `tcp`, ...; `heartbeat` for one that waits to be heard of. */
  readonly type: string;
  /** Canonical; undefined when it tells of no service. */
  readonly service: string | undefined;
  readonly status: Status;
  readonly reason: string;
  readonly paused: boolean;
  readonly maintenance: boolean;
  readonly last: { readonly at: number } | null;
}

/** What probes and heartbeats say of the services they are set to; nothing while they are paused or under maintenance. */
export function probeSignals(probes: readonly ProbeStanding[]): ReadonlyMap<string, readonly Signal[]> {
  const signals = new Map<string, Signal[]>();
  for (const probe of probes) {
    const { service, paused, maintenance, status, last } = probe;
    if (service === undefined || paused || maintenance) continue;
    const signal: Signal = {
      kind: probe.type === 'heartbeat' ? 'heartbeat' : 'probe',
      status,
      message: wordsOf(probe),
      at: last?.at ?? null,
    };
    const before = signals.get(service);
    if (before === undefined) signals.set(service, [signal]);
    else before.push(signal);
  }
  return signals;
}

function wordsOf({ name, type, status, reason }: ProbeStanding): string {
  const quoted = JSON.stringify(name);
  if (type === 'heartbeat') {
    if (status === 'unknown') return `the heartbeat ${quoted} was not heard yet`;
    return status === 'healthy' ? '' : `the heartbeat ${quoted} is missing: ${reason}`;
  }
  if (status === 'unknown') return `the ${type} probe ${quoted} has not looked yet`;
  if (status === 'healthy') return '';
  return `the ${type} probe ${quoted} ${status === 'unhealthy' ? 'fails' : 'warns'}: ${reason}`;
}
