import { join } from 'node:path';
import type { Clock } from '../../kernel/clock.ts';
import { encodeGroup, groupBytes } from '../frames.ts';
import { type FileSystem, quietly } from '../fs.ts';
import type { Quarantine } from '../quarantine.ts';
import { readSegment } from '../reader.ts';
import { keepDamage, type Segment } from '../recovery.ts';
import { parseSegmentFileName, SEGMENT_HEADER_BYTES } from '../segment.ts';
import type { Frame } from '../types.ts';
import { SegmentWriter } from '../writer.ts';
import { frameRecord, isSnapshotFrame, recordFrame, type StateRecord, snapshotFrame } from './record.ts';

/*
 * The log is a row of generations, each one segment file: a snapshot of all entries, a mark that it is whole, then the
 * changes since. A write that fails ends the generation; the next write begins a new one from memory, which holds
 * acknowledged changes only. Older generations go once a newer one is durable.
 */
export interface StateLogOptions {
  readonly fs: FileSystem;
  readonly directory: string;
  readonly clock: Clock;
  readonly quarantine: Quarantine;
  readonly compactBytes: number;
}

export interface LoadedState {
  readonly log: StateLog;
  readonly records: readonly StateRecord[];
}

interface Generation {
  readonly segment: Segment;
  readonly records: StateRecord[];
  /** Its snapshot is whole. */
  complete: boolean;
  damaged: boolean;
}

/** Reads the newest whole generation. What cannot be read goes to quarantine and is counted. */
export async function loadStateLog(options: StateLogOptions): Promise<LoadedState> {
  const { fs, directory, quarantine } = options;
  await fs.makeDirectory(directory);
  const generations: Generation[] = [];
  for (const name of await fs.list(directory)) {
    const path = join(directory, name);
    const parsed = parseSegmentFileName(name);
    if (parsed === null) {
      const message = `${name} is not a generation of the state log`;
      await quarantine.keepFile(path, { reason: 'foreign', message, facts: { file: name } });
    } else {
      generations.push(await readGeneration(options, { ...parsed, path }));
    }
  }
  generations.sort((a, b) => b.segment.id - a.segment.id);
  const newest = generations.find((g) => g.complete) ?? generations.find((g) => g.records.length > 0);
  for (const generation of generations) {
    if (generation === newest) continue;
    const { path } = generation.segment;
    if (generation.damaged) {
      const message = 'a damaged generation of the state log that another one replaces';
      await quarantine.keepFile(path, { reason: 'corrupt', message, facts: { file: path } });
    } else {
      await quietly(fs.unlink(path));
    }
  }
  const nextId = (generations[0]?.segment.id ?? 0) + 1;
  const log = new StateLog(options, { nextId, newest: newest?.segment });
  return { log, records: newest?.records ?? [] };
}

async function readGeneration(
  options: StateLogOptions,
  name: { readonly id: number; readonly salt: number; readonly path: string },
): Promise<Generation> {
  const file = await options.fs.open(name.path, 'update');
  try {
    const size = await file.size();
    const segment: Segment = { ...name, end: size, flushedTo: 0, lastPosition: 0, damageKept: new Set() };
    const generation: Generation = { segment, records: [], complete: false, damaged: false };
    const range = { file, salt: name.salt, from: SEGMENT_HEADER_BYTES, to: size, sealed: false, after: 0 };
    for await (const event of readSegment(range)) {
      if (event.kind === 'damage') {
        generation.damaged = true;
        await keepDamage(options.quarantine, { file, segment }, event);
      } else if (event.kind === 'group') {
        segment.lastPosition = event.group.position;
        for (const frame of event.group.frames) {
          const record = frameRecord(frame);
          if (isSnapshotFrame(frame)) generation.complete = true;
          else if (record !== null) generation.records.push(record);
        }
      }
    }
    // What is read here counts from now on, so it must survive a power cut too.
    await file.sync();
    return generation;
  } finally {
    await file.close();
  }
}

export class StateLog {
  readonly #options: StateLogOptions;
  readonly #writer: SegmentWriter;
  /** Generations that the next durable one replaces. */
  #old: Segment[];
  #current: Segment | null = null;
  #snapshotBytes = 0;
  #nextPosition: number;

  constructor(
    options: StateLogOptions,
    found: { readonly nextId: number; readonly newest: Segment | undefined },
  ) {
    const { fs, directory } = options;
    this.#options = options;
    this.#old = found.newest === undefined ? [] : [found.newest];
    this.#nextPosition = (found.newest?.lastPosition ?? 0) + 1;
    const segmentBytes = Number.MAX_SAFE_INTEGER;
    this.#writer = new SegmentWriter({
      fs,
      directory,
      identity: 0,
      segmentBytes,
      nextId: found.nextId,
      previous: undefined,
    });
  }

  /** The position that the next request gets; above all versions given out so far. */
  get nextPosition(): number {
    return this.#nextPosition;
  }

  /** Makes the requests durable, each whole or not at all; `all` gives every entry alive, for a snapshot. */
  async append(
    requests: readonly (readonly StateRecord[])[],
    all: () => Iterable<StateRecord>,
  ): Promise<{ snapshot: boolean }> {
    const frames = requests.map((records) => records.map(recordFrame));
    const first = this.#nextPosition;
    this.#nextPosition += requests.length;
    try {
      const { segment, opened } = await this.#writer.ready(first);
      if (!opened) {
        await this.#writer.write(this.#encode(frames, first, segment.salt));
        this.#rotateWhenLong(segment);
        return { snapshot: false };
      }
      await this.#begin(segment, frames, all);
      return { snapshot: true };
    } catch (error) {
      await this.#giveUp(all);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#writer.close();
  }

  async #begin(
    segment: Segment,
    frames: readonly (readonly Frame[])[],
    all: () => Iterable<StateRecord>,
  ): Promise<void> {
    const snapshot = [...all()].map((record) => [recordFrame(record)]);
    const groups = [...snapshot, [snapshotFrame], ...frames];
    const first = this.#nextPosition;
    this.#nextPosition += groups.length;
    const bytes = this.#encode(groups, first, segment.salt);
    if (this.#current !== null) this.#old.push(this.#current);
    this.#current = segment;
    await this.#writer.write(bytes);
    this.#snapshotBytes = bytes.length;
    for (const old of this.#old) await quietly(this.#options.fs.unlink(old.path));
    this.#old = [];
  }

  /** After a failed write: what was refused must not come back, so a new generation is begun at once. */
  async #giveUp(all: () => Iterable<StateRecord>): Promise<void> {
    await this.#writer.abandon();
    try {
      const { segment } = await this.#writer.ready(this.#nextPosition);
      await this.#begin(segment, [], all);
    } catch {
      await this.#writer.abandon();
    }
  }

  #rotateWhenLong(segment: Segment): void {
    if (segment.end > Math.max(this.#options.compactBytes, this.#snapshotBytes * 4)) this.#writer.rotate();
  }

  #encode(groups: readonly (readonly Frame[])[], first: number, salt: number): Buffer {
    const target = Buffer.allocUnsafe(groups.reduce((sum, frames) => sum + groupBytes(frames), 0));
    const writtenAt = Math.floor(this.#options.clock.now() / 1000);
    let end = 0;
    for (const [index, frames] of groups.entries())
      end = encodeGroup(target, end, frames, { position: first + index, writtenAt, salt });
    return target;
  }
}
