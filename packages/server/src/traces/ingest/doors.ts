import type { SpanReport, SpanSink } from '../sink.ts';
import type { TracesTelemetry } from '../telemetry.ts';
import { IngestSession } from './session.ts';

export interface SpanDoorsDeps {
  readonly sink: SpanSink;
  readonly telemetry: TracesTelemetry;
  /** Lets other work run between slices of a large body. */
  readonly breathe: () => Promise<void>;
}

/** Where every protocol of spans ends: one reading, one append, one count. */
export class SpanDoors {
  readonly #deps: SpanDoorsDeps;

  constructor(deps: SpanDoorsDeps) {
    this.#deps = deps;
  }

  /** Reads a request's spans with `read`; when it throws, nothing is stored. `door` is a label of the telemetry, so bounded in number. */
  async take(
    tenant: string,
    door: string,
    read: (session: IngestSession) => Promise<void>,
  ): Promise<SpanReport> {
    const { sink, telemetry, breathe } = this.#deps;
    try {
      const appender = sink.appender(tenant);
      try {
        await read(new IngestSession(appender, breathe));
      } catch (error) {
        appender.rollback();
        throw error;
      }
      const report = await appender.commit();
      telemetry.exports.inc({ door, result: report.refused.length > 0 ? 'partial' : 'stored' });
      return report;
    } catch (error) {
      telemetry.exports.inc({ door, result: 'failed' });
      throw error;
    }
  }
}
