import type { Frame } from '../../journal/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import { type LineBody, readBody } from '../decode/bodies.ts';
import type { DecodedLines } from '../decode/decoded.ts';
import type { DecodeJob } from '../decode/decoder.ts';
import type { Redactor } from '../redact/redactor.ts';
import type { LogAppender, LogReport, LogSink } from '../sink.ts';
import type { LogsTelemetry } from '../telemetry.ts';
import type { LineProblems } from './lines/read.ts';
import { IngestSession } from './session.ts';

export interface LogDoorsDeps {
  readonly sink: LogSink;
  readonly clock: Clock;
  readonly telemetry: LogsTelemetry;
  /** Of all lines; absent where nothing is redacted. */
  readonly redactor?: Redactor | undefined;
  /** Decodes large bodies elsewhere; absent where all are decoded here. */
  readonly decoder?: BodyDecoder | undefined;
  /** Lets other work run between slices of a large body. */
  readonly breathe: () => Promise<void>;
}

/** Rows of a body, made on another thread. May keep the bytes of the body. Rejects with what is wrong with it. */
export interface BodyDecoder {
  /** Whether a body of so many bytes is worth handing over. */
  wants(bytes: number): boolean;
  decode(job: DecodeJob): Promise<DecodedLines>;
}

export type LokiEncoding = 'json' | 'protobuf';

/** What a body brought, and what of JSON lines could not be read. */
export interface BodyReport {
  readonly report: LogReport;
  readonly problems: LineProblems;
}

/** Bodies of log lines, whatever their protocol, into the one sink. */
export class LogDoors {
  readonly #deps: LogDoorsDeps;

  constructor(deps: LogDoorsDeps) {
    this.#deps = deps;
  }

  /** A Loki push. Protobuf comes in a snappy block, JSON may. Throws what is wrong with the body; nothing of it is then stored. */
  async loki(
    tenant: string,
    encoding: LokiEncoding,
    bytes: Uint8Array,
    isSnappy: boolean,
  ): Promise<LogReport> {
    return (await this.body(tenant, { format: `loki-${encoding}`, bytes, isSnappy })).report;
  }

  /** JSON lines. What cannot be read is told; the rest is kept. */
  async lines(tenant: string, bytes: Uint8Array, service: string): Promise<BodyReport> {
    const read = await this.body(tenant, { format: 'lines', bytes, service });
    const { count } = read.problems;
    if (count > 0) this.#deps.telemetry.refused.inc({ reason: 'malformed' }, count);
    return read;
  }

  /** A body of any format; a rejection stores nothing of it. Its bytes are the doors' from here on. */
  async body(
    tenant: string,
    { format, bytes, isSnappy = false, service = '' }: Pick<LineBody, 'format' | 'bytes'> & Partial<LineBody>,
  ): Promise<BodyReport> {
    let problems: LineProblems = { count: 0, first: '' };
    const body = { format, bytes, isSnappy, service, now: this.#deps.clock.now() };
    const report = await this.#commit(tenant, format, async (appender) => {
      problems = await this.#take(tenant, body, appender);
    });
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
    const { breathe, redactor } = this.#deps;
    return await this.#commit(
      tenant,
      door,
      (appender) => read(new IngestSession(appender, breathe, redactor)),
      also,
    );
  }

  async #take(tenant: string, body: LineBody, appender: LogAppender): Promise<LineProblems> {
    const { breathe, redactor, decoder, telemetry } = this.#deps;
    if (decoder?.wants(body.bytes.length) !== true)
      return await readBody(body, new IngestSession(appender, breathe, redactor), breathe);
    const decoded = await decoder.decode({ tenant, ...body });
    appender.adopt(decoded);
    for (const [rule, values] of decoded.redacted) telemetry.redacted.inc({ rule }, values);
    return decoded.problems;
  }

  async #commit(
    tenant: string,
    door: string,
    take: (appender: LogAppender) => Promise<void>,
    also: () => readonly Frame[] = () => [],
  ): Promise<LogReport> {
    const { sink, telemetry } = this.#deps;
    try {
      const appender = sink.appender(tenant);
      try {
        await take(appender);
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
}
