import {
  type ColumnBlock,
  type Engine,
  engineErrors,
  inList,
  RowBinaryReader,
  sql,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import { ID_OFFSET } from '../sink.ts';
import type { SpanChunk } from '../store/chunk.ts';
import { spansTable } from '../tables.ts';
import type { EdgeSpan, EdgeSpans } from './edge-spans.ts';
import { isCall, MINUTE_MS } from './find-edges.ts';
import { PEER_ATTRIBUTES, type Peer, peerOf } from './peer.ts';

const MINUTE_NS = 60_000_000_000n;

/** Minutes since the epoch, from the first on and before the last. */
export interface Minutes {
  readonly from: number;
  readonly to: number;
}

/** A share of the traces: those whose id leaves `part` when it is divided by `of`, so that a busy minute is worked on in pieces. */
interface Share {
  readonly part: number;
  readonly of: number;
}

interface Wanted {
  readonly around: Minutes;
  readonly share: Share;
  readonly signal?: AbortSignal | undefined;
}

/** How many flushed spans begin in some minutes. */
export async function countSpans(
  engine: Pick<Engine, 'query'>,
  tenant: string,
  minutes: Minutes,
  signal?: AbortSignal,
): Promise<number> {
  const block = await engine.query(
    sql`SELECT toFloat64(count()) AS n FROM ${table(spansTable)} WHERE tenant = ${tenantHole} AND ${within(minutes)}`,
    { purpose: 'traces.edges', tenant, limits: 'background', ...(signal !== undefined && { signal }) },
  );
  return block.numbers('n')[0] ?? 0;
}

/** Adds the flushed spans of some minutes and traces. */
export async function edgeSpansInEngine(
  { engine, breathe }: { readonly engine: Pick<Engine, 'query'>; readonly breathe: () => Promise<void> },
  tenant: string,
  { around, share: { part, of }, signal }: Wanted,
  into: EdgeSpans,
): Promise<void> {
  const block = await engine.query(
    sql`SELECT trace_id, span_id, parent_id, kind, service, failed, duration,
        toFloat64(toUnixTimestamp64Milli(ts)) AS began,
        if(kind IN (3, 4), mapFilter((k, v) -> k IN ${inList(PEER_ATTRIBUTES)}, attributes), map()) AS peer
      FROM ${table(spansTable)}
      WHERE tenant = ${tenantHole} AND ${within(around)} AND reinterpretAsUInt32(substring(toString(trace_id), 13, 4)) % ${of} = ${part}`,
    { purpose: 'traces.edges', tenant, limits: 'background', ...(signal !== undefined && { signal }) },
  );
  if (block.rows === 0) return;
  const traces = wordsOf(block, 'trace_id');
  const spans = wordsOf(block, 'span_id');
  const parents = wordsOf(block, 'parent_id');
  const [kinds, failed] = [block.numbers('kind'), block.numbers('failed')];
  const [durations, begins] = [block.numbers('duration'), block.numbers('began')];
  const services = block.strings('service');
  const peerAt = peersOf(block);
  const id = new Uint32Array(6);
  for (let row = 0; row < block.rows; row++) {
    for (let word = 0; word < 4; word++) id[word] = traces[row * 4 + word];
    for (let word = 0; word < 2; word++) id[4 + word] = spans[row * 2 + word];
    const span = {
      kind: kinds[row],
      service: services[row] ?? '',
      failed: failed[row] === 1,
      duration: durations[row],
      at: begins[row],
      peer: peerAt(row),
    };
    into.add(span, id, 0, parents, row * 2);
    if (row % ROWS_PER_SLICE === 0) await breathe();
  }
}

/** The peer of each row of an answer. */
function peersOf(block: ColumnBlock): (row: number) => Peer | null {
  const { offsets, keys, values } = block.map('peer');
  if (keys.kind !== 'string' || values.kind !== 'string') return () => null;
  return (row) => {
    const first = row === 0 ? 0 : offsets[row - 1];
    const end = offsets[row];
    if (first === end) return null;
    const attributes = new Map<string, string>();
    for (let i = first; i < end; i++) attributes.set(keys.data[i] ?? '', values.data[i] ?? '');
    return peerOf(attributes);
  };
}

/** A column of ids as the words of their bytes. */
function wordsOf(block: ColumnBlock, name: string): Uint32Array {
  const column = block.column(name);
  if (column.kind !== 'bytes')
    throw engineErrors.make('badQuery', `column ${name} is ${column.kind}, expected bytes`);
  // The words must lie at a multiple of four.
  return new Uint32Array(Uint8Array.from(column.data).buffer);
}

/** Adds the spans of some minutes and traces among chunks in memory. */
export async function edgeSpansInChunks(
  chunks: readonly SpanChunk[],
  { around: { from, to }, share: { part, of } }: Wanted,
  into: EdgeSpans,
  breathe: () => Promise<void>,
): Promise<void> {
  let looks = 0;
  for (const chunk of chunks) {
    const reader = new EdgeSpanReader(chunk);
    for (let row = 0; row < chunk.rows; row++) {
      const minute = Math.floor(chunk.ms[row] / MINUTE_MS);
      if (minute < from || minute >= to || chunk.ids[row * 6 + 3] % of !== part) continue;
      into.add(reader.read(row), chunk.ids, row * 6, reader.parent, 0);
      if (++looks % ROWS_PER_SLICE === 0) await breathe();
    }
  }
}

/** Reads of a chunk's rows what a graph needs. */
class EdgeSpanReader {
  /** Of the row read last. */
  readonly parent = new Uint32Array(2);
  readonly #chunk: SpanChunk;
  readonly #reader: RowBinaryReader;

  constructor(chunk: SpanChunk) {
    this.#chunk = chunk;
    this.#reader = new RowBinaryReader(chunk.payload);
  }

  read(row: number): EdgeSpan {
    const { kinds, durations, ms, offsets } = this.#chunk;
    const reader = this.#reader;
    reader.skip(offsets[row] - reader.at);
    reader.skipString();
    reader.skip(8 + ID_OFFSET.parent);
    this.parent[0] = reader.uint32();
    this.parent[1] = reader.uint32();
    reader.skip(1 + 8);
    const service = reader.string();
    reader.skipString();
    const failed = reader.raw(2)[1] === 1;
    const kind = kinds[row];
    return {
      kind,
      service,
      failed,
      duration: durations[row],
      at: ms[row],
      peer: isCall(kind) ? this.#peer() : null,
    };
  }

  #peer(): Peer | null {
    const reader = this.#reader;
    reader.skip(8);
    reader.skipString();
    reader.skipString();
    reader.skip(4);
    const attributes = new Map<string, string>();
    for (let left = reader.varUint(); left > 0; left--) {
      const key = reader.string();
      if (NAMES_OF_PEERS.has(key)) attributes.set(key, reader.string());
      else reader.skipString();
    }
    return attributes.size === 0 ? null : peerOf(attributes);
  }
}

const NAMES_OF_PEERS: ReadonlySet<string> = new Set(PEER_ATTRIBUTES);

/** A few ms. */
const ROWS_PER_SLICE = 2000;

function within({ from, to }: Minutes) {
  return sql`ts >= fromUnixTimestamp64Nano(${BigInt(from) * MINUTE_NS}, 'UTC') AND ts < fromUnixTimestamp64Nano(${BigInt(to) * MINUTE_NS}, 'UTC')`;
}
