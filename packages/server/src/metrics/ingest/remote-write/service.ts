import type { Clock, Timer } from '../../../kernel/clock.ts';
import type { Log } from '../../../kernel/log.ts';
import type { Random } from '../../../kernel/random.ts';
import type { Service } from '../../../kernel/services.ts';
import type { Telemetry } from '../../../kernel/telemetry.ts';
import { SnappyDecoder } from '../../../kernel/wire/snappy.ts';
import { BodyBuffers } from '../../scrape/body_buffers.ts';
import type { AppenderOptions, AppendReport, MetadataSink, Rejection, SampleSink } from '../../sink.ts';
import type { RemoteWriteVersion } from './content.ts';
import { remoteWriteErrors } from './errors.ts';
import { Known } from './known.ts';
import type { RequestReader } from './request.ts';
import {
  NOTHING_WRITTEN,
  rejectionText,
  WriteSession,
  type WrittenCounts,
  writtenCounts,
} from './session.ts';
import { remoteWriteTelemetry } from './telemetry.ts';
import { WriteRequestV1 } from './v1.ts';
import { type KnownV2, WriteRequestV2 } from './v2.ts';

export interface RemoteWriteDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly sink: SampleSink;
  readonly metadata: MetadataSink;
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** Lets other work run between slices of a large body. */
  readonly breathe: () => Promise<void>;
  readonly limits: RemoteWriteLimits;
}

interface RemoteWriteLimits {
  /** Largest body after decompression, bytes. */
  readonly maxBody: number;
  /** Decompressed bodies that are held at once, bytes; more are told to come again. */
  readonly maxInFlight: number;
  /** Memory for what is known of senders' series, bytes, of all tenants. */
  readonly knownBytes: number;
}

/** What became of a request; `problem` is empty when all of it was taken. */
export interface WriteResult {
  readonly problem: string;
  readonly written: WrittenCounts;
}

/** What one tenant's senders sent before. */
interface TenantKnown {
  readonly v1: Known;
  v2: KnownV2;
}

/** What was not seen for one to two of these is forgotten. */
const AGE_MS = 10 * 60_000;
/** Bytes decompressed between breaths, about 10 ms. */
const SNAPPY_SLICE = 8 * 2 ** 20;
const RETRY_AFTER_SECONDS = 1;
const MOST_SYMBOLS = 2 ** 30;

/** Prometheus remote write, receiving side, 1.0 and 2.0 (compat 3.1, RW-1 to RW-9). */
export class RemoteWriteService implements Service {
  readonly name = 'remote-write';
  readonly dependsOn: readonly string[];
  readonly #deps: RemoteWriteDeps;
  readonly #telemetry: ReturnType<typeof remoteWriteTelemetry>;
  readonly #tenants = new Map<string, TenantKnown>();
  readonly #buffers = new BodyBuffers();
  /** Decompressed bytes of the requests under way. */
  #held = 0;
  #timer: Timer | null = null;

  constructor(deps: RemoteWriteDeps, dependsOn: readonly string[] = []) {
    this.#deps = deps;
    this.dependsOn = dependsOn;
    this.#telemetry = remoteWriteTelemetry(deps.telemetry, () => this.#size());
  }

  start(): void {
    this.#timer ??= this.#deps.clock.every(AGE_MS, () => this.#age());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /**
   * Stores a compressed body. Throws `wire.malformed` and `wire.tooLarge` when it is none, `remote_write.busy` when too many are
   * under way, and the journal's errors when nothing could be stored; in all these cases nothing is.
   */
  async write(
    tenant: string,
    version: RemoteWriteVersion,
    body: Uint8Array,
    backfill = false,
  ): Promise<WriteResult> {
    const { limits, breathe } = this.#deps;
    let held = 0;
    try {
      const decoder = new SnappyDecoder(body, limits.maxBody);
      this.#admit(decoder.length);
      held = decoder.length;
      const memory = this.#buffers.take(held);
      try {
        decoder.into(memory);
        while (!decoder.run(SNAPPY_SLICE)) await breathe();
        const result = await this.#store({ tenant, backfill }, version, memory);
        this.#telemetry.requests.inc({ version, result: result.problem === '' ? 'stored' : 'refused' });
        return result;
      } finally {
        this.#buffers.give(memory);
      }
    } catch (error) {
      this.#telemetry.requests.inc({ version, result: 'failed' });
      throw error;
    } finally {
      this.#held -= held;
    }
  }

  /** One body is always taken, however large: its own limit bounds it. */
  #admit(bytes: number): void {
    if (this.#held > 0 && this.#held + bytes > this.#deps.limits.maxInFlight)
      throw remoteWriteErrors.make(
        'busy',
        `remote-write requests of ${this.#held} bytes are under way, at most ${this.#deps.limits.maxInFlight} are taken at once`,
        { retryAfterSeconds: RETRY_AFTER_SECONDS },
      );
    this.#held += bytes;
  }

  async #store(
    options: AppenderOptions,
    version: RemoteWriteVersion,
    memory: Uint8Array,
  ): Promise<WriteResult> {
    const { sink, metadata, breathe } = this.#deps;
    const { tenant } = options;
    const appender = sink.appender(options);
    const session = new WriteSession({
      appender,
      breathe,
      describe: (metric, about) => metadata.record(tenant, metric, about),
    });
    const known = this.#knownOf(tenant);
    const whole = version === '1.0';
    const request = whole
      ? new WriteRequestV1(session, known.v1, memory)
      : new WriteRequestV2(session, known.v2, memory);
    try {
      await request.read();
    } catch (error) {
      appender.rollback();
      throw error;
    }
    this.#countSession(session, version);
    if (whole && session.problems.count > 0) {
      appender.rollback();
      return { problem: session.problems.text, written: NOTHING_WRITTEN };
    }
    const report = await appender.commit({ whole });
    noteRejections(session, request, report, version);
    const problems = [session.problems, session.limited].filter(({ count }) => count > 0);
    return {
      problem: problems.map(({ text }) => text).join('; '),
      written: writtenCounts(report, session.staleHistograms),
    };
  }

  #countSession(session: WriteSession, version: RemoteWriteVersion): void {
    const { data, invalid } = this.#telemetry;
    data.inc({ version, kind: 'sample' }, session.samples);
    data.inc({ version, kind: 'histogram' }, session.histograms);
    data.inc({ version, kind: 'exemplar' }, session.exemplars);
    invalid.inc({ version }, session.invalidSeries);
    if (session.invalidSeries > 0)
      this.#deps.log.debug(
        { version, series: session.invalidSeries },
        'remote-written series have no usable labels',
      );
  }

  #knownOf(tenant: string): TenantKnown {
    let known = this.#tenants.get(tenant);
    if (known === undefined) {
      known = { v1: this.#table(1), v2: this.#newV2() };
      this.#tenants.set(tenant, known);
    }
    return known;
  }

  #newV2(): KnownV2 {
    // Symbols serve many series: they keep room when series have taken the rest.
    return { series: this.#table(0.8), symbols: this.#table(1), described: new Map(), nextSymbol: 1 };
  }

  #table(share: number): Known {
    return new Known({
      seed: Math.floor(this.#deps.random() * 2 ** 32),
      room: (bytes) => this.#size().bytes + bytes <= this.#deps.limits.knownBytes * share,
    });
  }

  #age(): void {
    for (const known of this.#tenants.values()) {
      known.v1.age();
      known.v2.series.age();
      known.v2.symbols.age();
      // Numbers are kept in 32 bits: before they could come again, everything known by them is forgotten.
      if (known.v2.nextSymbol > MOST_SYMBOLS) known.v2 = this.#newV2();
    }
  }

  #size(): { series: number; bytes: number; overflow: number } {
    const total = { series: 0, bytes: 0, overflow: 0 };
    for (const { v1, v2 } of this.#tenants.values()) {
      total.series += v1.size + v2.series.size;
      total.bytes += v1.bytes + v2.series.bytes + v2.symbols.bytes;
      total.overflow += v1.overflow + v2.series.overflow + v2.symbols.overflow;
    }
    return total;
  }
}

/** Puts what the store did not take into words. 1.0 passes over exemplars, 2.0 over all but those out of order (RW-4). */
function noteRejections(
  session: WriteSession,
  request: RequestReader,
  report: AppendReport,
  version: RemoteWriteVersion,
): void {
  const matters = ({ kind, reason }: Rejection): boolean =>
    kind !== 'exemplar' || (version === '2.0' && reason === 'out_of_order');
  for (const rejection of report.rejected)
    if (matters(rejection)) session.problems.add(rejectionText(rejection, request.seriesText(rejection.ref)));
}
