import { otlpErrors } from '../../../http/otlp/errors.ts';
import type { ExportOutcome, OtlpEncoding, OtlpSignal } from '../../../http/otlp/signal.ts';
import type { Telemetry } from '../../../kernel/telemetry.ts';
import type { AppendReport, MetadataSink, SampleSink } from '../../sink.ts';
import type { OtlpConfig } from './config.ts';
import { metricsFromJson } from './json.ts';
import type { OtlpEntry } from './model.ts';
import { createNames } from './names.ts';
import { metricsFromProtobuf } from './protobuf.ts';
import { OtlpWriter } from './writer.ts';

export interface OtlpMetricsDeps {
  readonly sink: SampleSink;
  readonly metadata: MetadataSink;
  readonly telemetry: Telemetry;
  readonly breathe: () => Promise<void>;
  readonly config: OtlpConfig;
  /** The window in which an instant query finds a sample, ms. */
  readonly lookback: number;
}

/** Points between breaths; one costs up to 20 series. */
const SLICE = 500;

/** OTLP metrics, whatever the transport (compat OM-1, OT-1 to OT-4). */
export class OtlpMetricsService implements OtlpSignal {
  readonly name = 'metrics';
  /** Prometheus' own. */
  readonly otherPaths = ['/api/v1/otlp/v1/metrics'];
  readonly grpcService = 'opentelemetry.proto.collector.metrics.v1.MetricsService';
  readonly rejectedField = 'rejectedDataPoints';
  readonly #deps: OtlpMetricsDeps;
  readonly #points;

  constructor(deps: OtlpMetricsDeps) {
    this.#deps = deps;
    this.#points = deps.telemetry.counter({
      name: 'pharos_otlp_data_points_total',
      help: 'OTLP metric data points by what became of them.',
      labels: ['result'],
    });
  }

  /**
   * Stores an ExportMetricsServiceRequest; what could not be taken is in the outcome. Throws `otlp.malformed` or `wire.malformed`,
   * `otlp.refused` when there were points and none was taken, and the journal's errors; in all these cases nothing is stored.
   */
  async export(tenant: string, encoding: OtlpEncoding, body: Uint8Array): Promise<ExportOutcome> {
    const { sink, metadata, config, lookback } = this.#deps;
    const appender = sink.appender({ tenant });
    const writer = new OtlpWriter({
      appender,
      names: createNames(config.translation_strategy),
      config,
      describe: (metric, about) => metadata.record(tenant, metric, about),
      infoInterval: lookback / 2,
    });
    try {
      await this.#write(writer, entriesOf(encoding, body));
    } catch (error) {
      appender.rollback();
      throw error;
    }
    const report = await appender.commit();
    const lost = notStored(report, writer);
    const rejected = Math.min(writer.points, lost);
    this.#points.inc({ result: 'stored' }, writer.points - rejected);
    this.#points.inc({ result: 'rejected' }, rejected);
    if (rejected > 0 && rejected === writer.points) throw otlpErrors.make('refused', writer.problem);
    return { rejected, message: writer.problem };
  }

  async #write(writer: OtlpWriter, entries: Iterable<OtlpEntry>): Promise<void> {
    let budget = SLICE;
    for (const entry of entries) {
      for (const _point of writer.write(entry)) {
        if (--budget > 0) continue;
        budget = SLICE;
        await this.#deps.breathe();
      }
    }
    writer.finish();
  }
}

function entriesOf(encoding: OtlpEncoding, body: Uint8Array): Iterable<OtlpEntry> {
  return encoding === 'protobuf' ? metricsFromProtobuf(body) : metricsFromJson(Buffer.from(body).toString());
}

/** Points lost in translation or at the store. A point of many series may count more than once there: never more than all. */
function notStored(report: AppendReport, writer: OtlpWriter): number {
  for (const { kind, reason, count } of report.rejected) {
    if (kind === 'exemplar') continue;
    for (let i = 0; i < count; i++) writer.reject(`${kind}s were refused by the store: ${reason}`);
  }
  return writer.rejected;
}
