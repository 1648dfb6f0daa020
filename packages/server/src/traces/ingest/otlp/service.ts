import { otlpErrors } from '../../../http/otlp/errors.ts';
import type { ExportOutcome, OtlpEncoding, OtlpSignal } from '../../../http/otlp/signal.ts';
import type { SpanReport } from '../../sink.ts';
import type { SpanDoors } from '../doors.ts';
import { readOtlpJson } from './json.ts';
import { readOtlpProtobuf } from './protobuf.ts';

/** OTLP traces, whatever the transport (compat OT-1 to OT-4). */
export class OtlpTracesService implements OtlpSignal {
  readonly name = 'traces';
  readonly grpcService = 'opentelemetry.proto.collector.trace.v1.TraceService';
  readonly rejectedField = 'rejectedSpans';
  readonly #doors: SpanDoors;

  constructor(doors: SpanDoors) {
    this.#doors = doors;
  }

  /**
   * Stores an ExportTraceServiceRequest; spans that could not be taken are in the outcome. Throws `wire.malformed`, `otlp.refused` when
   * there were spans and none was taken, and the journal's errors; in all these cases nothing is stored.
   */
  async export(tenant: string, encoding: OtlpEncoding, body: Uint8Array): Promise<ExportOutcome> {
    const read = encoding === 'json' ? readOtlpJson : readOtlpProtobuf;
    const report = await this.#doors.take(tenant, `otlp-${encoding}`, (session) => read(body, session));
    const outcome = outcomeOf(report);
    if (outcome.rejected > 0 && report.stored + report.duplicates === 0)
      throw otlpErrors.make('refused', outcome.message);
    return outcome;
  }
}

function outcomeOf({ refused }: SpanReport): ExportOutcome {
  return {
    rejected: refused.reduce((sum, { count }) => sum + count, 0),
    message: refused.map(({ count, message }) => `${count} × ${message}`).join('; '),
  };
}
