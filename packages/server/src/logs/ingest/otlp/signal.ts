import { otlpErrors } from '../../../http/otlp/errors.ts';
import type { ExportOutcome, OtlpEncoding, OtlpSignal } from '../../../http/otlp/signal.ts';
import type { LogDoors } from '../service.ts';

/** OTLP logs, whatever the transport (compat OT-1 to OT-5). */
export class OtlpLogs implements OtlpSignal {
  readonly name = 'logs';
  /** Loki's own. */
  readonly otherPaths = ['/otlp/v1/logs'];
  readonly grpcService = 'opentelemetry.proto.collector.logs.v1.LogsService';
  readonly rejectedField = 'rejectedLogRecords';
  readonly #doors: LogDoors;

  constructor(doors: LogDoors) {
    this.#doors = doors;
  }

  /**
   * Stores an ExportLogsServiceRequest; what could not be taken is in the outcome. Throws `otlp.malformed` or `wire.malformed`,
   * `otlp.refused` when there were records and none was taken, `logs.busy` and the journal's errors; nothing is stored in these cases.
   */
  async export(tenant: string, encoding: OtlpEncoding, body: Uint8Array): Promise<ExportOutcome> {
    const { report } = await this.#doors.body(tenant, { format: `otlp-${encoding}`, bytes: body });
    const { stored, duplicates, refused } = report;
    const rejected = refused.reduce((sum, { count }) => sum + count, 0);
    const message = refused.map(({ count, message: why }) => `${count} × ${why}`).join('; ');
    if (rejected > 0 && stored + duplicates === 0) throw otlpErrors.make('refused', message);
    return { rejected, message };
  }
}
