import type { Labels, Queryable } from '@pharos/promql';
import type { Engine } from '../../engine/index.ts';
import type { Journal, StateStore } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import type { MetricsConfig } from '../config.ts';
import { Deletion } from '../deletion/deletion.ts';
import { isInMemory } from '../deletion/in-memory.ts';
import type { Coverage } from '../downsample/coverage.ts';
import { BucketSelector } from '../downsample/select.ts';
import { createDownsampling, type Downsampling, flushedSince } from '../downsample/service.ts';
import type { LabelCeilings } from '../limits.ts';
import { ChangeLog } from '../result-cache/change-log.ts';
import type { SampleSink } from '../sink.ts';
import { type MetricsTelemetry, metricsTelemetry } from '../telemetry.ts';
import { ActiveSeries } from './active-series.ts';
import { AppendBuffers } from './append-buffers.ts';
import { StoreAppender } from './appender.ts';
import { EngineReader, type SampleHistory } from './engine-reader.ts';
import { type ExemplarHistory, ExemplarLookup, engineExemplars } from './exemplars/lookup.ts';
import { ExemplarMemory } from './exemplars/memory.ts';
import { Head } from './head/head.ts';
import { lengthOf } from './head/postings.ts';
import type { HeadStats } from './head/stats.ts';
import { HistogramMetrics } from './histograms/known-metrics.ts';
import { KnownDays } from './known-days.ts';
import { LabelLookup } from './label-lookup.ts';
import { MetadataStore } from './metadata.ts';
import { MetadataState } from './metadata-state.ts';
import { StoreQueryable } from './queryable.ts';
import { loadHistogramMetrics, type RestartDeps, refillHead } from './restart.ts';
import { createSeriesHasher, keyText, type SeriesKey } from './series-key.ts';
import { type SeriesDirectory, SeriesLookup } from './series-lookup.ts';

export interface MetricsStoreDeps {
  readonly engine: Engine;
  readonly journal: Journal;
  /** Keeps metric descriptions over restarts; without it they live in memory alone. */
  readonly state?: StateStore;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly config: MetricsConfig;
  /** In place of the engine's tables; for tests. */
  readonly history?: {
    readonly samples: SampleHistory;
    readonly series: SeriesDirectory;
    readonly exemplars: ExemplarHistory;
  };
}

/** The metrics store: every sample and series of every tenant, over memory, journal and engine. */
export interface MetricsStore {
  readonly sink: SampleSink;
  readonly metadata: MetadataStore;
  readonly labels: LabelLookup;
  readonly exemplars: ExemplarLookup;
  readonly telemetry: MetricsTelemetry;
  /** Null without a StateStore, which it needs, and where it is turned off. */
  readonly downsampling: Downsampling | null;
  /** With `samplesOnly`, buckets stand for no samples, wherever those are. */
  queryable(tenant: string, options?: { readonly samplesOnly?: boolean }): Queryable;
  /** Label sets by the texts of their keys; what neither memory nor the engine knows is left out. */
  labelsOf(tenant: string, keys: readonly SeriesKey[]): Promise<ReadonlyMap<string, Labels>>;
  /** From when on samples have changed: what answers that are kept must ask. */
  readonly changes: ChangeLog;
  /** Null without a StateStore, which it needs. */
  readonly deletion: Deletion | null;
  headStats(): HeadStats;
  /** Label pairs and metric names by how many active series carry them, for the tsdb status page. */
  cardinality(tenant: string, limit: number): Cardinality;
  /** What the head knows of a tenant's active series. */
  active(tenant: string): ActiveSeries;
  /** Frees what the engine holds; the service does it on a timer. */
  collect(): void;
  /** Refills the head at start; collects on a timer. Depends on engine and journal. */
  readonly service: Service;
}

interface Cardinality {
  readonly series: number;
  /** Distinct label pairs. */
  readonly pairs: number;
  /** Bytes of the distinct values' texts. */
  readonly bytesByLabel: readonly NamedCount[];
  readonly seriesByMetric: readonly NamedCount[];
  readonly valuesByLabel: readonly NamedCount[];
  readonly seriesByPair: readonly NamedCount[];
}

interface NamedCount {
  readonly name: string;
  readonly value: number;
}

/** What recent exemplars may take beside the head, as a part of its memory. */
const EXEMPLAR_SHARE = 1 / 16;
/** How often flushed and aged samples leave the head. */
const COLLECT_EVERY_MS = 15_000;

export async function createMetricsStore(deps: MetricsStoreDeps): Promise<MetricsStore> {
  const { engine, journal, clock, config, log } = deps;
  const telemetry = metricsTelemetry(deps.telemetry);
  const hasher = await createSeriesHasher();
  const head = new Head({
    hasher,
    seriesLimit: config.series_limit,
    labelBytes: config.label_memory,
    budgetBytes: config.head_memory,
    windowMs: config.head_window,
  });
  telemetry.observeHead(() => head.stats());
  const knownDays = new KnownDays(head);
  const window = { pastMs: config.accept_past, futureMs: config.accept_future };
  const histogramMetrics = new HistogramMetrics();
  const changes = new ChangeLog();
  const exemplarMemory = new ExemplarMemory(config.head_memory * EXEMPLAR_SHARE);
  telemetry.observeExemplars(() => exemplarMemory.count);
  const downsampling = downsamplingOf(deps);
  const coverage = downsampling?.coverage ?? null;
  const buffers = new AppendBuffers();
  const memories = { head, knownDays, histogramMetrics, exemplarMemory };
  const shared = { ...memories, journal, clock, coverage, buffers, telemetry };
  const appenderDeps = { ...shared, changes, hasher, window, ceilings: ceilingsOf(config) };
  const series =
    deps.history?.series ??
    new SeriesLookup({ engine, maxSeries: config.query.max_series, cachedSeries: config.cached_series });
  const reader = deps.history?.samples ?? new EngineReader(engine, histogramMetrics);
  const queryableDeps = {
    head,
    engine,
    reader,
    series,
    telemetry,
    maxSamples: config.query.max_samples,
    maxSeries: config.query.max_series,
  };
  const leastSpared = config.query.downsample_spares;
  const buckets =
    downsampling === null
      ? undefined
      : new BucketSelector({ ...queryableDeps, ...downsampling, histogramMetrics, leastSpared });
  const collect = (): void => {
    head.collect(journal.flushedPosition(), clock.now() + config.accept_future);
    exemplarMemory.collect(journal.flushedPosition(), (ref) => head.pageOf(ref) !== undefined);
  };
  const deletion = deletionOf(deps, { head, series, changes, exemplarMemory }, coverage);
  const exemplars = new ExemplarLookup({
    head,
    memory: exemplarMemory,
    engine,
    series,
    history: deps.history?.exemplars ?? engineExemplars(engine),
    hidesOf: (tenant) => deletion?.hidesOf(tenant) ?? hidesNothing,
  });
  const metadata = new MetadataStore((reason) => telemetry.metadataLimited.inc({ reason }));
  const kept = deps.state === undefined ? undefined : new MetadataState(metadata, deps.state, log);
  return {
    sink: { appender: (options) => new StoreAppender(appenderDeps, options) },
    metadata,
    labels: new LabelLookup({ head, engine, series }),
    exemplars,
    telemetry,
    changes,
    deletion,
    downsampling,
    queryable: (tenant, { samplesOnly = config.query.downsample === 'never' } = {}) => {
      const stored = new StoreQueryable(samplesOnly ? queryableDeps : { ...queryableDeps, buckets }, tenant);
      return deletion === null ? stored : deletion.hide(tenant, stored);
    },
    labelsOf: (tenant, keys) => labelsOf(head, series, tenant, keys),
    headStats: () => head.stats(),
    cardinality: (tenant, limit) => cardinalityOf(head, tenant, limit),
    active: (tenant) => new ActiveSeries(head, tenant),
    collect,
    service: storeService({ ...shared, changes, engine, log, config, series, kept, deletion, collect }),
  };
}

interface ServiceParts extends Omit<RestartDeps, 'now' | 'windowMs' | 'futureMs'> {
  readonly clock: Clock;
  readonly config: MetricsConfig;
  readonly series: SeriesDirectory;
  readonly kept: MetadataState | undefined;
  readonly changes: ChangeLog;
  readonly deletion: Deletion | null;
  readonly collect: () => void;
}

function storeService(parts: ServiceParts): Service {
  const { engine, clock, histogramMetrics, series, kept, deletion } = parts;
  let timer: Timer | undefined;
  let stopWatching: (() => void) | undefined;
  return {
    name: 'metrics-store',
    dependsOn: kept === undefined ? ['engine', 'journal'] : ['engine', 'journal', 'state'],
    async start(signal) {
      await deletion?.start(clock);
      const now = clock.now();
      const { head_window: windowMs, accept_future: futureMs } = parts.config;
      const orphans = await refillHead({ ...parts, now, windowMs, futureMs }, signal);
      const adopt = catchingUp(parts, { histogramMetrics, orphans, series });
      if (engine.state() === 'ready') await orphans.adopt(series, signal);
      stopWatching = engine.onState(adopt);
      kept?.start(clock);
      timer = clock.every(COLLECT_EVERY_MS, () => {
        orphans.collect(parts.journal.flushedPosition());
        parts.collect();
      });
    },
    async stop() {
      stopWatching?.();
      timer?.cancel();
      deletion?.stop();
      await kept?.stop();
    },
  };
}

function ceilingsOf(config: MetricsConfig): LabelCeilings {
  return {
    labels: config.label_count_limit,
    nameLength: config.label_name_limit,
    valueLength: config.label_value_limit,
  };
}

/** What the engine could not tell at start is asked once it is ready. */
function catchingUp(
  { engine, log, changes }: Pick<ServiceParts, 'engine' | 'log' | 'changes'>,
  {
    histogramMetrics,
    orphans,
    series,
  }: {
    readonly histogramMetrics: HistogramMetrics;
    readonly orphans: Awaited<ReturnType<typeof refillHead>>;
    readonly series: SeriesDirectory;
  },
): () => void {
  return () => {
    if (!histogramMetrics.complete && engine.state() === 'ready') {
      loadHistogramMetrics(engine, histogramMetrics).catch((error: unknown) =>
        log.warn({ err: error }, 'the metrics with native histograms are not known yet'),
      );
    }
    if (orphans.count === 0 || engine.state() !== 'ready') return;
    orphans.adopt(series).then(
      () => {
        changes.noteAll();
        log.info({ left: orphans.count }, 'replayed samples found their series');
      },
      (error: unknown) => log.warn({ err: error }, 'replayed samples still wait for their series'),
    );
  };
}

async function labelsOf(
  head: Head,
  series: SeriesDirectory,
  tenant: string,
  keys: readonly SeriesKey[],
): Promise<ReadonlyMap<string, Labels>> {
  const found = new Map<string, Labels>();
  const elsewhere: SeriesKey[] = [];
  for (const key of keys) {
    const labels = head.labelsOf(head.refOf(tenant, key));
    if (labels === undefined) elsewhere.push(key);
    else found.set(keyText(key), labels);
  }
  if (elsewhere.length > 0)
    for (const stored of await series.byKeys(tenant, elsewhere))
      found.set(keyText(stored.key), stored.labels);
  return found;
}

const hidesNothing = () => () => false;

function downsamplingOf({ state, telemetry, config }: MetricsStoreDeps): Downsampling | null {
  return state === undefined || !config.downsample.enabled ? null : createDownsampling(state, telemetry);
}

function deletionOf(
  { state, engine, journal, clock, log }: MetricsStoreDeps,
  {
    head,
    series,
    changes,
    exemplarMemory,
  }: Pick<ServiceParts, 'head' | 'series' | 'changes' | 'exemplarMemory'>,
  coverage: Coverage | null,
): Deletion | null {
  if (state === undefined) return null;
  return new Deletion(state, {
    deleted: (tenant, from) => changes.note(tenant, from),
    engine,
    series,
    log,
    coverage: coverage ?? undefined,
    head: () => head,
    flushedSince: flushedSince(journal, clock),
    isInMemory: (tenant, tombstone) => isInMemory({ head, exemplars: exemplarMemory }, tenant, tombstone),
    isActive: (tenant, key) => head.refOf(tenant, key) !== 0,
  });
}

function cardinalityOf(head: Head, tenant: string, limit: number): Cardinality {
  const index = head.indexOf(tenant);
  const byMetric: NamedCount[] = [];
  const valuesByLabel: NamedCount[] = [];
  const byPair: NamedCount[] = [];
  const bytesByLabel: NamedCount[] = [];
  for (const name of index?.names() ?? []) {
    const values = index?.valuesOf(name);
    if (values === undefined) continue;
    valuesByLabel.push({ name, value: values.size });
    let bytes = 0;
    for (const [value, postings] of values) {
      bytes += value.length;
      byPair.push({ name: `${name}=${value}`, value: lengthOf(postings) });
      if (name === '__name__') byMetric.push({ name: value, value: lengthOf(postings) });
    }
    bytesByLabel.push({ name, value: bytes });
  }
  const top = (counts: NamedCount[]): NamedCount[] =>
    counts.sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1)).slice(0, limit);
  return {
    series: index?.size ?? 0,
    pairs: byPair.length,
    bytesByLabel: top(bytesByLabel),
    seriesByMetric: top(byMetric),
    valuesByLabel: top(valuesByLabel),
    seriesByPair: top(byPair),
  };
}
