import type { SpareMemory } from '../../kernel/spare-memory.ts';
import { SnappyDecoder } from '../../kernel/wire/snappy.ts';
import { nowTime } from '../ingest/lines/fields.ts';
import { type LineProblems, readLines } from '../ingest/lines/read.ts';
import { readLokiJson } from '../ingest/loki/json.ts';
import { readLokiProtobuf } from '../ingest/loki/protobuf.ts';
import { readLogsJson } from '../ingest/otlp/json.ts';
import { readLogsProtobuf } from '../ingest/otlp/protobuf.ts';
import { OtlpLogWriter } from '../ingest/otlp/writer.ts';
import type { IngestSession } from '../ingest/session.ts';

/** Largest body after decompression. */
export const LOG_BODY_LIMIT = 100 * 2 ** 20;
/** Bytes decompressed between breaths, about 10 ms. */
const SNAPPY_SLICE = 8 * 2 ** 20;

/** A body of log lines, and what its reading needs to know. */
export interface LineBody {
  readonly format: BodyFormat;
  readonly bytes: Uint8Array;
  /** Whether the bytes are a snappy block. */
  readonly isSnappy: boolean;
  /** Wall clock, for lines that have no time. */
  readonly now: number;
  /** For JSON lines that name no service. */
  readonly service: string;
}

type BodyFormat = 'loki-json' | 'loki-protobuf' | 'otlp-json' | 'otlp-protobuf' | 'lines';

const NO_PROBLEMS: LineProblems = { count: 0, first: '' };

type Read = (bytes: Uint8Array, session: IngestSession, body: LineBody) => Promise<LineProblems>;

/** Of a format that is taken or refused as a whole. */
function whole(read: (bytes: Uint8Array, session: IngestSession, body: LineBody) => Promise<void>): Read {
  return async (bytes, session, body) => {
    await read(bytes, session, body);
    return NO_PROBLEMS;
  };
}

const READERS: Readonly<Record<BodyFormat, Read>> = {
  'loki-json': whole(readLokiJson),
  'loki-protobuf': whole(readLokiProtobuf),
  'otlp-json': whole((bytes, session, { now }) =>
    readLogsJson(bytes, new OtlpLogWriter(session, nowTime(now))),
  ),
  'otlp-protobuf': whole((bytes, session, { now }) =>
    readLogsProtobuf(bytes, new OtlpLogWriter(session, nowTime(now))),
  ),
  lines: (bytes, session, { now, service }) => readLines(bytes, session, { now, service }),
};

/**
 * Reads a body's lines into the session. Throws what is wrong with the body as a whole; nothing of it may then be stored. What it is
 * decompressed into is taken of `memory`, where there is one.
 */
export async function readBody(
  body: LineBody,
  session: IngestSession,
  breathe: () => Promise<void>,
  memory?: SpareMemory,
): Promise<LineProblems> {
  const bytes = body.isSnappy ? await unsnap(body.bytes, breathe, memory) : body.bytes;
  return await READERS[body.format](bytes, session, body);
}

async function unsnap(
  bytes: Uint8Array,
  breathe: () => Promise<void>,
  memory: SpareMemory | undefined,
): Promise<Uint8Array> {
  const decoder = new SnappyDecoder(bytes, LOG_BODY_LIMIT);
  const plain = memory?.take(decoder.length) ?? new Uint8Array(decoder.length);
  decoder.into(plain);
  while (!decoder.run(SNAPPY_SLICE)) await breathe();
  return plain;
}
