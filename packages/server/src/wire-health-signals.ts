import type { Breakers } from './breakers/index.ts';
import type { EventsSlice } from './events/index.ts';
import {
  breakerSignals,
  errorSignals,
  eventSignal,
  type HealthTelemetry,
  probeSignals,
  type Signal,
  SignalFeed,
  type SignalSource,
} from './health/index.ts';
import type { ServiceNames } from './kernel/names.ts';
import type { ProbeService } from './probes/index.ts';
import type { Errors } from './wire-errors.ts';
import type { Base } from './wire-storage.ts';

/** What the other slices know of services. */
export interface Witnesses {
  readonly breakers: Pick<Breakers, 'states' | 'onChange'>;
  readonly probes: Pick<ProbeService, 'list' | 'onChange'>;
  readonly events: Pick<EventsSlice, 'verdicts'>;
  readonly errors: Pick<Errors, 'standing' | 'onSignal'>;
}

interface FeedParts {
  readonly names: ServiceNames;
  readonly telemetry: HealthTelemetry;
  readonly tenants: () => readonly string[];
  /** Whether something else tells of a service. */
  readonly isKnown: (tenant: string, service: string) => boolean;
}

export interface SignalFeeds {
  readonly sources: readonly SignalSource[];
  start(): void;
  stop(): void;
}

/** Breakers, probes, heartbeats, errors and verdicts on events, as signals in memory. */
export function wireSignalFeeds(
  { clock, log }: Base,
  { breakers, probes, events, errors }: Witnesses,
  { names, telemetry, tenants, isKnown }: FeedParts,
): SignalFeeds {
  const feed = (
    name: string,
    read: (tenant: string) => ReturnType<SignalSource> | Promise<ReturnType<SignalSource>>,
  ) => new SignalFeed({ clock, log, telemetry, tenants, name, read });
  const ofBreakers = feed('breakers', async (tenant) => breakerSignals(await breakers.states(tenant)));
  const ofProbes = feed('probes', (tenant) => probeSignals(probes.list(tenant)));
  const ofErrors = feed('errors', (tenant) => errorSignals(errors.standing(tenant)));
  const ofEvents = feed('events', (tenant) =>
    eventSignals(events, names, tenant, { now: clock.now(), isKnown }),
  );
  breakers.onChange((tenant) => ofBreakers.changed(tenant));
  probes.onChange(({ tenant }) => ofProbes.changed(tenant));
  errors.onSignal((tenant) => ofErrors.changed(tenant));
  const feeds = [ofBreakers, ofProbes, ofErrors, ofEvents];
  return {
    sources: feeds.map((one) => (tenant: string) => one.signals(tenant)),
    start: () => {
      for (const one of feeds) one.start();
    },
    stop: () => {
      for (const one of feeds) one.stop();
    },
  };
}

/** Sources that nothing else knows are no services, as long as their events are well. */
function eventSignals(
  { verdicts }: Witnesses['events'],
  names: ServiceNames,
  tenant: string,
  { now, isKnown }: { readonly now: number } & Pick<FeedParts, 'isKnown'>,
): ReadonlyMap<string, readonly Signal[]> {
  const signals = new Map<string, Signal[]>();
  for (const judged of verdicts.verdicts(tenant)) {
    const service = names.canonical(judged.source);
    const signal = eventSignal(judged, now);
    if (signal.status === 'healthy' && !isKnown(tenant, service)) continue;
    const known = signals.get(service);
    if (known === undefined) signals.set(service, [signal]);
    else known.push(signal);
  }
  return signals;
}
