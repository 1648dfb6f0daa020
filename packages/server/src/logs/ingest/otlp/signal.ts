import { otlpErrors } from '../../../http/otlp/errors.ts';
import type { ExportOutcome, OtlpEncoding, OtlpSignal } from '../../../http/otlp/signal.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { nowTime } from '../lines/fields.ts';
import type { LogDoors } from '../service.ts';
import { readLogsJson } from './json.ts';
import { readLogsProtobuf } from './protobuf.ts';
import { OtlpLogWriter } from './writer.ts';

/** OTLP logs, whatever the transport (compat OT-1 to OT-5). */
export class OtlpLogs implements OtlpSignal {
  readonly name = 'logs';
  /** Loki's own. */
  readonly otherPaths = ['/otlp/v1/logs'];
  readonly grpcService = 'opentelemetry.proto.collector.logs.v1.LogsService';
  readonly rejectedField = 'rejectedLogRecords';
  readonly #doors: LogDoors;
  readonly #clock: Clock;

  constructor(deps: { readonly doors: LogDoors; readonly clock: Clock }) {
    this.#doors = deps.doors;
    this.#clock = deps.clock;
  }

  /**
   * Stores an ExportLogsServiceRequest; what could not be taken is in the outcome. Throws `otlp.malformed` or `wire.malformed`,
   * `otlp.refused` when there were records and none was taken, `logs.busy` and the journal's errors; nothing is stored in these cases.
   */
  async export(tenant: string, encoding: OtlpEncoding, body: Uint8Array): Promise<ExportOutcome> {
    const { stored, duplicates, refused } = await this.#doors.store(tenant, `otlp-${encoding}`, (session) => {
      const writer = new OtlpLogWriter(session, nowTime(this.#clock.now()));
      return encoding === 'json' ? readLogsJson(body, writer) : readLogsProtobuf(body, writer);
    });
    const rejected = refused.reduce((sum, { count }) => sum + count, 0);
    const message = refused.map(({ count, message: why }) => `${count} × ${why}`).join('; ');
    if (rejected > 0 && stored + duplicates === 0) throw otlpErrors.make('refused', message);
    return { rejected, message };
  }
}
