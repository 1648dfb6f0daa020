import type { Frame } from '../../journal/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import { SnappyDecoder } from '../../kernel/wire/snappy.ts';
import type { Redactor } from '../redact/redactor.ts';
import type { LogReport, LogSink } from '../sink.ts';
import type { LogsTelemetry } from '../telemetry.ts';
import { type LineProblems, readLines } from './lines/read.ts';
import { readLokiJson } from './loki/json.ts';
import { readLokiProtobuf } from './loki/protobuf.ts';
import { IngestSession } from './session.ts';

export interface LogDoorsDeps {
  readonly sink: LogSink;
  readonly clock: Clock;
  readonly telemetry: LogsTelemetry;
  /** Of all lines; absent where nothing is redacted. */
  readonly redactor?: Redactor | undefined;
  /** Lets other work run between slices of a large body. */
  readonly breathe: () => Promise<void>;
}

export type LokiEncoding = 'json' | 'protobuf';

/** Bytes decompressed between breaths, about 10 ms. */
const SNAPPY_SLICE = 8 * 2 ** 20;
/** Largest body after decompression. */
export const LOG_BODY_LIMIT = 100 * 2 ** 20;

/** Bodies of log lines, whatever their protocol, into the one sink. */
export class LogDoors {
  readonly #deps: LogDoorsDeps;

  constructor(deps: LogDoorsDeps) {
    this.#deps = deps;
  }

  /** A Loki push. Protobuf comes in a snappy block, JSON may. Throws what is wrong with the body; nothing of it is then stored. */
  loki(tenant: string, encoding: LokiEncoding, body: Uint8Array, isSnappy: boolean): Promise<LogReport> {
    return this.store(tenant, `loki-${encoding}`, async (session) => {
      const plain = isSnappy ? await this.#unsnap(body) : body;
      if (encoding === 'json') await readLokiJson(plain, session);
      else await readLokiProtobuf(plain, session);
    });
  }

  /** JSON lines. What cannot be read is told; the rest is kept. */
  async lines(
    tenant: string,
    body: Uint8Array,
    service: string,
  ): Promise<{ readonly report: LogReport; readonly problems: LineProblems }> {
    let problems: LineProblems = { count: 0, first: '' };
    const report = await this.store(tenant, 'lines', async (session) => {
      problems = await readLines(body, session, { now: this.#deps.clock.now(), service });
    });
    if (problems.count > 0) this.#deps.telemetry.refused.inc({ reason: 'malformed' }, problems.count);
    return { report, problems };
  }

  /**
   * What `read` takes, made durable with the frames that `also` then gives; a rejection of `read` stores nothing. `door` names the
   * protocol for the telemetry.
   */
  async store(
    tenant: string,
    door: string,
    read: (session: IngestSession) => Promise<void>,
    also: () => readonly Frame[] = () => [],
  ): Promise<LogReport> {
    const { sink, telemetry, breathe, redactor } = this.#deps;
    try {
      const appender = sink.appender(tenant);
      try {
        await read(new IngestSession(appender, breathe, redactor));
      } catch (error) {
        appender.rollback();
        throw error;
      }
      const report = await appender.commit(also());
      telemetry.pushes.inc({ door, result: report.refused.length > 0 ? 'partial' : 'stored' });
      return report;
    } catch (error) {
      telemetry.pushes.inc({ door, result: 'failed' });
      throw error;
    }
  }

  async #unsnap(body: Uint8Array): Promise<Uint8Array> {
    const decoder = new SnappyDecoder(body, LOG_BODY_LIMIT);
    const plain = new Uint8Array(decoder.length);
    decoder.into(plain);
    while (!decoder.run(SNAPPY_SLICE)) await this.#deps.breathe();
    return plain;
  }
}
