import { Labels } from '@pharos/promql';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Random } from '../../kernel/random.ts';
import type { Service } from '../../kernel/services.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import { TargetSeries } from '../scrape/append.ts';
import { createLabeler } from '../scrape/labels.ts';
import { MetadataCache } from '../scrape/metadata_cache.ts';
import type { MetadataSink, SampleSink } from '../sink.ts';
import { collectHost, type HostReader, hostText } from './collect.ts';

export interface HostMetricsDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly sink: SampleSink;
  readonly metadata: MetadataSink;
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly tenant: string;
  /** Null where there is no reader for the platform: then there are no host metrics, and one log line says so. */
  readonly reader: HostReader | null;
}

const INTERVAL_MS = 15_000;
/** The job of node_exporter in most configurations and dashboards; the instance is the host's name. */
const JOB = 'node';

/** Pharos' own machine under node_exporter's names, taken like a scrape of a target that cannot fail to connect. */
export class HostMetricsService implements Service {
  readonly name = 'host-metrics';
  readonly dependsOn: readonly string[];
  readonly #deps: HostMetricsDeps;
  readonly #series: TargetSeries | null;
  readonly #rounds: ReturnType<Telemetry['counter']>;
  #timer: Timer | null = null;
  #running: Promise<void> | null = null;

  constructor(deps: HostMetricsDeps, dependsOn: readonly string[] = []) {
    this.#deps = deps;
    this.dependsOn = dependsOn;
    this.#series = deps.reader === null ? null : createSeries(deps, deps.reader);
    this.#rounds = deps.telemetry.counter({
      name: 'pharos_host_collections_total',
      help: 'Collections of host metrics by outcome.',
      labels: ['outcome'],
    });
  }

  start(): void {
    const { clock, log, reader } = this.#deps;
    if (reader === null) {
      log.info({ platform: process.platform }, 'host metrics are read on Linux only');
      return;
    }
    const round = (): void => {
      // A round that still waits for a dead mount is not joined by a second one.
      this.#running ??= this.#round(reader).finally(() => {
        this.#running = null;
      });
    };
    round();
    this.#timer ??= clock.every(INTERVAL_MS, round);
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    await this.#running;
  }

  async #round(reader: HostReader): Promise<void> {
    const { clock, sink, tenant, log } = this.#deps;
    const series = this.#series;
    if (series === null) return;
    try {
      const text = Buffer.from(hostText(await collectHost(reader)), 'utf8');
      const body = new Uint8Array(text.length + 1);
      body.set(text);
      const now = clock.now();
      const appender = sink.appender({ tenant });
      await series.append({ bytes: body, length: text.length, format: 'text', natives: [] }, now, appender);
      series.markVanished(now, appender);
      await appender.commit();
      series.settle(true);
      this.#rounds.inc({ outcome: 'ok' });
    } catch (error) {
      this.#rounds.inc({ outcome: 'failed' });
      log.warn(
        { error: error instanceof Error ? error.message : String(error) },
        'host metrics could not be stored',
      );
    }
  }
}

function createSeries({ random, metadata, tenant }: HostMetricsDeps, reader: HostReader): TargetSeries {
  const seed = (): number => Math.floor(random() * 2 ** 32);
  return new TargetSeries(
    {
      labeler: createLabeler({
        target: Labels.fromRecord({ job: JOB, instance: reader.uname().nodename }),
        honorLabels: false,
        relabel: null,
        limits: { labels: 0, nameLength: 0, valueLength: 0 },
      }),
      honorTimestamps: false,
      trackTimestamps: false,
      sampleLimit: 0,
      breathe: () => Promise.resolve(),
    },
    new MetadataCache(metadata, tenant, seed()),
    seed(),
  );
}
