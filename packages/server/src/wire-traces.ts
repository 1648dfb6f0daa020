import type { PharosConfig } from './config.ts';
import { otlpApi } from './http/otlp/api.ts';
import type { OtlpSignal } from './http/otlp/signal.ts';
import type { ApiModule } from './http/types.ts';
import type { ServiceNames } from './kernel/names.ts';
import type { Service } from './kernel/services.ts';
import {
  createTracesStore,
  type Deployment,
  exceptionsOf,
  jaegerApi,
  jaegerV3Api,
  MINUTE_MS,
  OtlpTracesService,
  type SeenVersion,
  type SeriesWriter,
  ServiceVersions,
  SpanDoors,
  type SpanException,
  SpanMetricsService,
  spanDoorsApi,
  TraceGuard,
  topologyApi,
  tracesApi,
  zipkinApi,
} from './traces/index.ts';
import type { Base, Storage } from './wire-storage.ts';

export interface Traces {
  readonly apis: readonly ApiModule[];
  readonly services: readonly Service[];
  readonly otlp: OtlpSignal;
  /** Canonical names of the services that sent spans. */
  servicesOf(tenant: string): Promise<readonly string[]>;
  /** Which services each service called in the last hour. */
  callsOf(tenant: string): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** Which versions each service ran, as its spans say, the one seen last first. */
  versionsOf(tenant: string): ReadonlyMap<string, readonly SeenVersion[]>;
}

/** How far back a call makes a dependency. */
const CALLS_MINUTES = 60;

/** Lets requests and timers run in the middle of a long parse or search. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Who else hears of spans. */
export interface SpanListeners {
  readonly writer: SeriesWriter;
  readonly onExceptions: (exceptions: readonly SpanException[]) => void;
  /** A service runs another version than before. */
  readonly onDeployment: (tenant: string, deployment: Deployment) => void;
}

export async function wireTraces(
  base: Base,
  config: PharosConfig,
  { engine, journal, state }: Storage,
  names: ServiceNames,
  { writer, onExceptions, onDeployment }: SpanListeners,
): Promise<Traces> {
  const metrics = config.traces.span_metrics
    ? new SpanMetricsService(
        {
          ...base,
          writer,
          limit: config.traces.span_metrics_limit,
          edgeLimit: config.traces.edge_metrics_limit,
        },
        ['metrics-store', 'flusher'],
      )
    : null;
  const versions = new ServiceVersions({ ...base, state, onDeployment });
  const store = await createTracesStore({
    ...base,
    engine,
    journal,
    names,
    config: config.traces,
    breathe,
    onStored: (chunk) => {
      metrics?.count(chunk);
      onExceptions(exceptionsOf(chunk));
    },
    onSource: (tenant, { service, version }, times) => {
      if (version !== '') versions.seen(tenant, service, { version, ...times });
    },
    ...(metrics !== null && { onMinute: (tenant, calls) => metrics.countCalls(tenant, calls) }),
  });
  const doors = new SpanDoors({ sink: store.sink, telemetry: store.telemetry, breathe });
  const otlp = new OtlpTracesService(doors);
  const { reader, graph } = store;
  const guard = new TraceGuard({ ...base, ...store, config: config.traces.query });
  const reading = {
    reader,
    graph,
    clock: base.clock,
    names,
    maxTraces: config.traces.max_traces,
    breathe,
    guard,
  };
  return {
    apis: [
      otlpApi(otlp),
      spanDoorsApi(doors),
      tracesApi(reading),
      topologyApi(reading),
      jaegerApi(reading),
      jaegerV3Api(reading),
      zipkinApi(reading),
    ],
    services: [store.service, versions, ...(metrics === null ? [] : [metrics])],
    otlp,
    servicesOf: (tenant) => reader.services(tenant),
    versionsOf: (tenant) => versions.list(tenant),
    callsOf: (tenant) => {
      const minute = Math.floor(base.clock.now() / MINUTE_MS);
      return graph.storedCalls(tenant, { from: minute - CALLS_MINUTES, to: minute + 1 });
    },
  };
}
