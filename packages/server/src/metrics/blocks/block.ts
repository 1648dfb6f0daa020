import type { Dirent } from 'node:fs';
import { open, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Histogram, type Labels, writeStaleMarker } from '@pharos/promql';
import { z } from 'zod';
import { crc32c } from '../../journal/index.ts';
import { decodeHistogramChunk } from '../chunks/histogram.ts';
import { decodeXorChunk } from '../chunks/xor.ts';
import { type BlockSeries, type ChunkRef, readIndex } from './block-index.ts';
import { DecodeBuffer, malformed } from './decbuf.ts';
import { blockErrors } from './errors.ts';
import { readTombstones } from './tombstones.ts';

/** The samples of one chunk of one series, what was deleted left out. */
export interface BlockSamples {
  readonly labels: Labels;
  readonly timestamps: readonly number[];
  /** Where a histogram stands, means nothing. */
  readonly values: Float64Array;
  readonly histograms: readonly (Histogram | undefined)[];
}

const CHUNKS_MAGIC = 0x85bd40dd;
/** Header of a segment file: magic, version, padding. */
const CHUNKS_HEADER = 8;
/** A chunk's length takes at most so many bytes; its encoding one; its checksum four. */
const LENGTH_BYTES = 5;
/** TSDB's chunks stay far below. */
const LARGEST_CHUNK = 16 * 2 ** 20;

const ENCODING = { xor: 1, histogram: 2, floatHistogram: 3 } as const;

const metaShape = z.looseObject({
  ulid: z.string(),
  minTime: z.number(),
  maxTime: z.number(),
  version: z.literal(1),
});

/** Block folders at or right below a folder, oldest first by name (a ULID). */
export async function findBlocks(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((cause: unknown) => {
    throw blockErrors.make('notABlock', `${directory} cannot be read`, { cause });
  });
  if (isBlock(entries)) return [directory];
  const blocks: string[] = [];
  for (const entry of entries.filter((one) => one.isDirectory())) {
    const path = join(directory, entry.name);
    if (isBlock(await readdir(path, { withFileTypes: true }))) blocks.push(path);
  }
  if (blocks.length === 0) throw blockErrors.make('notABlock', `there is no TSDB block in ${directory}`);
  return blocks.sort((a, b) => (a < b ? -1 : 1));
}

function isBlock(entries: readonly Dirent[]): boolean {
  const names = new Set(entries.map((entry) => entry.name));
  return names.has('meta.json') && names.has('index');
}

/**
 * Reads a block of Prometheus' TSDB (index version 1 or 2): series by series, chunk by chunk. The index is held in memory as a whole,
 * chunks one at a time. Fails with `block` and `chunk` errors.
 */
export async function* readBlock(directory: string): AsyncGenerator<BlockSamples> {
  let meta: unknown;
  try {
    meta = JSON.parse(await readFile(join(directory, 'meta.json'), 'utf8'));
  } catch (cause) {
    throw blockErrors.make('malformed', `${join(directory, 'meta.json')} is not readable`, { cause });
  }
  if (!metaShape.safeParse(meta).success)
    throw blockErrors.make(
      'malformed',
      `${join(directory, 'meta.json')} is not the description of a block of version 1`,
    );
  const tombstones = await readFile(join(directory, 'tombstones')).then(readTombstones, () => NO_TOMBSTONES);
  const segments = new Segments(join(directory, 'chunks'));
  try {
    for (const series of readIndex(await readFile(join(directory, 'index')))) {
      const deleted = tombstones.get(series.ref) ?? [];
      const isDeleted = (time: number): boolean => deleted.some(({ from, to }) => time >= from && time <= to);
      for (const ref of series.chunks) {
        const samples = decode(series, await segments.chunk(ref));
        yield deleted.length === 0 ? samples : without(samples, isDeleted);
      }
    }
  } finally {
    await segments.close();
  }
}

const NO_TOMBSTONES: ReturnType<typeof readTombstones> = new Map();

interface RawChunk {
  readonly encoding: number;
  readonly data: Uint8Array;
}

function decode({ labels }: BlockSeries, { encoding, data }: RawChunk): BlockSamples {
  if (encoding === ENCODING.xor) {
    const { timestamps, values } = decodeXorChunk(data);
    return { labels, timestamps: [...timestamps], values, histograms: [] };
  }
  if (encoding !== ENCODING.histogram && encoding !== ENCODING.floatHistogram)
    throw malformed(`a chunk of ${labels.toString()} has encoding ${encoding}, expected 1, 2 or 3`);
  const samples = decodeHistogramChunk(data, encoding === ENCODING.histogram ? 'int' : 'float');
  const values = new Float64Array(samples.length);
  for (const [i, { histogram }] of samples.entries()) if (histogram === null) writeStaleMarker(values, i);
  return {
    labels,
    timestamps: samples.map(({ timestamp }) => timestamp),
    values,
    histograms: samples.map(({ histogram }) => histogram ?? undefined),
  };
}

function without(samples: BlockSamples, isDeleted: (time: number) => boolean): BlockSamples {
  const kept = [...samples.timestamps.keys()].filter((i) => !isDeleted(samples.timestamps[i] ?? 0));
  const values = new Float64Array(kept.length);
  // Copied as stretches of the array, so that a staleness marker keeps its bits.
  for (const [to, from] of kept.entries()) values.set(samples.values.subarray(from, from + 1), to);
  return {
    labels: samples.labels,
    timestamps: kept.map((i) => samples.timestamps[i] ?? 0),
    values,
    histograms: samples.histograms.length === 0 ? [] : kept.map((i) => samples.histograms[i]),
  };
}

/** The segment files of a block, opened as they are asked for. */
class Segments {
  readonly #directory: string;
  readonly #open = new Map<number, Awaited<ReturnType<typeof open>>>();
  #names: readonly string[] | null = null;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async chunk({ segment, offset }: ChunkRef): Promise<RawChunk> {
    const file = await this.#file(segment);
    const head = new DecodeBuffer(await read(file, offset, LENGTH_BYTES));
    const length = head.uvarint();
    if (length > LARGEST_CHUNK) throw malformed(`a chunk of segment ${segment} claims ${length} bytes`);
    const body = await read(file, offset + head.at, 1 + length + 4);
    const buffer = new DecodeBuffer(body);
    const encoding = buffer.byte();
    const data = buffer.range(length);
    if (buffer.be32() !== crc32c(body, 0, 0, 1 + length))
      throw malformed(`the checksum of a chunk of segment ${segment} is wrong`);
    return { encoding, data };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((file) => file.close()));
    this.#open.clear();
  }

  async #file(segment: number) {
    const known = this.#open.get(segment);
    if (known !== undefined) return known;
    this.#names ??= (await readdir(this.#directory)).filter((name) => /^\d{6,}$/.test(basename(name))).sort();
    const name = this.#names[segment];
    if (name === undefined) throw malformed(`chunk segment ${segment} is not there`);
    const file = await open(join(this.#directory, name));
    this.#open.set(segment, file);
    const head = new DecodeBuffer(await read(file, 0, CHUNKS_HEADER));
    if (head.be32() !== CHUNKS_MAGIC || head.byte() !== 1)
      throw malformed(`${name} does not begin as a segment of chunks`);
    return file;
  }
}

/** Fewer bytes at the file's end. */
async function read(file: Awaited<ReturnType<typeof open>>, at: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read({ buffer: new Uint8Array(length), position: at, length });
  return buffer.subarray(0, bytesRead);
}
