import type { Labels } from '@pharos/promql';
import { RowBinaryWriter } from '../../engine/index.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import { Refusals } from '../../kernel/refusals.ts';
import { type SpareLimits, SpareMemory } from '../../kernel/spare-memory.ts';
import { IngestSession } from '../ingest/session.ts';
import { Redactor } from '../redact/redactor.ts';
import type { RedactionRule } from '../redact/rule.ts';
import type { LineRefusal, LineTaker, LogLine, RefusalReason, StreamRef } from '../sink.ts';
import type { LogHasher } from '../store/hasher.ts';
import { LineRows, type LineRowsOptions, type RowLimits, type RowStream } from '../store/line-rows.ts';
import { rowStream, tooManyStreams, withServiceName } from '../store/streams.ts';
import { type LineBody, readBody } from './bodies.ts';
import type { DecodedLines, DecodedStream } from './decoded.ts';

export interface DecoderDeps {
  readonly hasher: LogHasher;
  readonly names: ServiceNames;
  readonly limits: RowLimits;
  readonly rules: readonly RedactionRule[];
}

/** A body to be decoded. */
export interface DecodeJob extends LineBody {
  readonly tenant: string;
}

/** Kept of what a body was decompressed into, for the next. */
const SPARE: SpareLimits = { least: 0, most: 8 * 2 ** 20 };

/** Makes rows of bodies. It knows no store, so it can work on a thread of its own. */
export class LineDecoder {
  readonly #deps: DecoderDeps;
  readonly #redactor: Redactor | undefined;
  /** Used again from body to body: new pages cost several times what is written to them. */
  readonly #writer = new RowBinaryWriter();
  readonly #plain = new SpareMemory(SPARE);
  #redacted = new Map<string, number>();

  constructor(deps: DecoderDeps) {
    this.#deps = deps;
    if (deps.rules.length > 0)
      this.#redactor = new Redactor(deps.rules, (rule) =>
        this.#redacted.set(rule, (this.#redacted.get(rule) ?? 0) + 1),
      );
  }

  /** One body at a time. Throws what is wrong with the body as a whole. */
  async decode({ tenant, ...body }: DecodeJob): Promise<DecodedLines> {
    const { hasher, names, limits } = this.#deps;
    this.#redacted = new Map();
    const options = { hasher, limits, tenant, now: body.now, writer: this.#writer };
    const collector = new LineCollector(options, names);
    // Nobody else waits for this thread.
    const breathe = (): Promise<void> => Promise.resolve();
    const session = new IngestSession(collector, breathe, this.#redactor);
    try {
      const problems = await readBody(body, session, breathe, this.#plain);
      return { ...collector.take(), problems, redacted: this.#redacted };
    } finally {
      this.#plain.release();
    }
  }
}

/** Collects a body's lines; a stream's ref is its place among those of the body. */
class LineCollector implements LineTaker {
  readonly #options: LineRowsOptions;
  readonly #names: ServiceNames;
  readonly #rows: LineRows;
  readonly #refused = new Refusals<RefusalReason>();
  readonly #streams: DecodedStream[] = [];
  readonly #rowStreams: RowStream[] = [];
  readonly #refs = new Map<string, StreamRef>();

  constructor(options: LineRowsOptions, names: ServiceNames) {
    this.#options = options;
    this.#names = names;
    this.#rows = new LineRows(options);
  }

  stream(sent: Labels): StreamRef | LineRefusal {
    const refusal = this.#rows.labelProblem(sent);
    if (refusal !== null) return refusal;
    const labels = withServiceName(sent);
    const words = this.#options.hasher.labels(labels);
    const key = `${words.low} ${words.high}`;
    let ref = this.#refs.get(key);
    if (ref === undefined) {
      const { tenant, limits } = this.#options;
      // More than the store could ever take; what it does take is for it to say.
      if (this.#streams.length >= limits.stream_limit) return tooManyStreams(tenant, limits.stream_limit);
      this.#refs.set(key, (ref = this.#streams.length));
      this.#streams.push({ labels, ...words });
      this.#rowStreams.push(rowStream(labels, words, this.#names));
    }
    return ref;
  }

  problem(line: LogLine): LineRefusal | null {
    return this.#rows.problem(line);
  }

  append(ref: StreamRef, line: LogLine): void {
    const stream = this.#rowStreams[ref];
    if (stream === undefined) throw new Error(`no stream ${ref}`);
    const refusal = this.#rows.add(stream, line);
    if (refusal !== null) this.refuse(refusal);
  }

  refuse(refusal: LineRefusal): void {
    this.#refused.add(refusal);
  }

  take(): Pick<DecodedLines, 'streams' | 'chunks' | 'refused' | 'messageBytes'> {
    return {
      streams: this.#streams,
      chunks: this.#rows.take(),
      refused: this.#refused.list(),
      messageBytes: this.#rows.messageBytes,
    };
  }
}
