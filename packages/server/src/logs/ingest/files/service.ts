import type { Engine } from '../../../engine/index.ts';
import type { Frame, Journal } from '../../../journal/index.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { Log } from '../../../kernel/log.ts';
import type { Service } from '../../../kernel/services.ts';
import type { Telemetry } from '../../../kernel/telemetry.ts';
import { nowTime } from '../lines/fields.ts';
import { utcOfLocal } from '../local-time.ts';
import type { LogDoors } from '../service.ts';
import type { IngestSession } from '../session.ts';
import { untilTaken } from '../steady.ts';
import { FileCatalogue, type Followed } from './catalogue.ts';
import type { FilesConfig } from './config.ts';
import type { FileCursor, SavedFile } from './cursor.ts';
import { restAfter } from './discover.ts';
import { LINE_FORMATS } from './formats.ts';
import { FilePositions } from './positions.ts';
import { ChunkReader } from './reader.ts';
import type { TailChunk } from './tail.ts';
import { type FilesTelemetry, filesTelemetry } from './telemetry.ts';

export interface FollowDeps {
  readonly doors: LogDoors;
  readonly engine: Pick<Engine, 'query'>;
  readonly journal: Pick<Journal, 'replay'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly config: FilesConfig;
  readonly mostLineBytes: number;
  readonly tenant: string;
}

/** Read of one file at a time, so that none starves the others. */
const CHUNK = 512 * 1024;
/** A line or record without its end counts as ended when its file has been still for so long. */
const STILL_MS = 5000;
const RETRY_MS = 1000;
const SAVE_AGAIN_MS = 7 * 86_400_000;

interface Chunk {
  readonly file: Followed;
  readonly content: TailChunk;
  readonly final: boolean;
  readonly modified: number;
}

/**
 * Files that grow, as lines. Found by patterns again and again, known by device and inode whatever they are called, read from
 * where their durable position stands; looked at on a clock, so that no missed notice loses anything.
 */
export class FollowedFiles implements Service {
  readonly name = 'log-files';
  readonly dependsOn = ['logs-store', 'flusher', 'log-positions'];
  /** Positions that only the journal has are read before the flusher takes them from there. */
  readonly positions: Service;
  readonly #deps: FollowDeps;
  readonly #telemetry: FilesTelemetry;
  readonly #positions: FilePositions;
  readonly #catalogue: FileCatalogue;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #nextDiscovery = 0;

  constructor(deps: FollowDeps) {
    this.#deps = deps;
    this.#positions = new FilePositions(deps.tenant);
    this.positions = {
      name: 'log-positions',
      dependsOn: ['journal'],
      start: () => this.#positions.replay(deps.journal),
    };
    this.#telemetry = filesTelemetry(deps.telemetry, () => {
      const all = this.#catalogue.all.map(({ tail }) => tail);
      return {
        files: all.length,
        open: all.filter(({ isOpen }) => isOpen).length,
        behindBytes: all.reduce((sum, { size, cursor }) => sum + Math.max(0, size - cursor.offset), 0),
      };
    });
    this.#catalogue = new FileCatalogue({ ...deps, telemetry: this.#telemetry, positions: this.#positions });
  }

  start(): void {
    if (this.#deps.config.follow.length === 0) return;
    this.#running = this.#run().catch((error: unknown) => {
      this.#deps.log.error({ err: error }, 'files are not followed any more');
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    for (const { tail } of this.#catalogue.all) await tail.close().catch(() => {});
  }

  async #run(): Promise<void> {
    const { clock, config, engine, log } = this.#deps;
    const { signal } = this.#stop;
    for (let loaded = false; !loaded && !signal.aborted; )
      try {
        await this.#positions.load(engine, clock.now());
        loaded = true;
      } catch (error) {
        log.warn({ err: error }, 'files wait for their positions, which the engine cannot tell now');
        await clock.sleep(RETRY_MS, signal).catch(() => {});
      }
    while (!signal.aborted) {
      try {
        await this.#round();
      } catch (error) {
        log.error({ err: error }, 'a round over the followed files failed; the next one begins again');
      }
      await clock.sleep(config.poll_interval, signal).catch(() => {});
    }
  }

  async #round(): Promise<void> {
    const { clock } = this.#deps;
    await this.#readAll(this.#catalogue.open);
    const begun = clock.monotonic();
    if (begun < this.#nextDiscovery) return;
    await this.#catalogue.discover();
    const ended = clock.monotonic();
    this.#nextDiscovery = ended + restAfter(ended - begun);
    await this.#readAll(this.#catalogue.open);
    await this.#catalogue.tidy();
  }

  /** Reads files until none has more, a commit at a time. */
  async #readAll(files: readonly Followed[]): Promise<void> {
    let waiting = files;
    while (waiting.length > 0 && !this.#stop.signal.aborted) {
      const more: Followed[] = [];
      let batch: Chunk[] = [];
      let bytes = 0;
      for (const file of waiting) {
        const chunk = await this.#next(file).catch(() => null);
        if (chunk === null) continue;
        batch.push(chunk);
        bytes += chunk.content.bytes.length;
        if (chunk.content.bytes.length >= CHUNK) more.push(file);
        if (bytes < this.#deps.config.batch) continue;
        await this.#store(batch);
        batch = [];
        bytes = 0;
        if (this.#stop.signal.aborted) return;
      }
      await this.#store(batch);
      waiting = more;
    }
  }

  /** What is new in a file; null when nothing is. */
  async #next(file: Followed): Promise<Chunk | null> {
    const { clock, mostLineBytes } = this.#deps;
    const { tail } = file;
    if (!tail.isOpen) return null;
    const { size, modified } = await tail.look();
    const changed = size !== tail.size || modified !== tail.modified;
    if (changed) tail.changedAt = clock.monotonic();
    tail.size = size;
    tail.modified = modified;
    const still = clock.monotonic() - tail.changedAt >= STILL_MS;
    const open = size > tail.cursor.offset || Object.keys(tail.cursor.pending).length > 0;
    if (!changed && !(still && open)) return null;
    const most = Math.max(CHUNK, 2 * mostLineBytes);
    let content = await tail.next(Math.min(most, Math.max(0, size - tail.cursor.offset)));
    if (content === null) {
      this.#catalogue.cutOff(tail);
      content = await tail.next(Math.min(most, size));
      if (content === null) return null;
    }
    const { length } = content.bytes;
    // More than a chunk is read on the next turn, though nothing changed.
    if (length >= CHUNK) tail.size = -1;
    if (length === 0 && !(still && open)) return null;
    return { file, content, final: still && length < CHUNK, modified };
  }

  /** Lines and positions in one request. What the store refuses for a lasting reason is passed over and counted. */
  async #store(batch: readonly Chunk[]): Promise<void> {
    if (batch.length === 0) return;
    const { clock, doors, tenant, log } = this.#deps;
    const next = new Map<Chunk, FileCursor>();
    let readers: ChunkReader[] = [];
    let keep: (() => void) | null = null;
    const positions = (): readonly Frame[] => {
      const saved = this.#savedFiles(next);
      const made = this.#positions.frames(saved, clock.now());
      keep = () => {
        made.keep();
        for (const [{ file }, cursor] of next) {
          const state = saved.get(file.tail.key);
          if (state === undefined) file.tail.cursor = cursor;
          else file.tail.restore(state);
        }
        this.#count(batch, readers);
      };
      return made.frames;
    };
    const read = async (session: IngestSession): Promise<void> => {
      readers = [];
      for (const chunk of batch) {
        const { options, cursor } = this.#reading(chunk);
        const reader = new ChunkReader(options, session, session.target(chunk.file.labels), cursor);
        readers.push(reader);
        next.set(chunk, await reader.read(chunk.content.bytes, chunk.final));
      }
    };
    try {
      const store = () => doors.store(tenant, 'files', read, positions);
      if ((await untilTaken(clock, this.#stop.signal, store)) === null) return;
    } catch (error) {
      log.error({ err: error }, 'lines of files were refused by the store and are passed over');
      this.#telemetry.dropped.inc(batch.reduce((sum, { content }) => sum + content.bytes.length, 0));
    }
    kept(keep);
  }

  #reading({ file, modified }: Chunk) {
    const { clock, config, mostLineBytes } = this.#deps;
    return {
      cursor: file.tail.cursor,
      options: {
        format: LINE_FORMATS[file.rule.format],
        mostBytes: mostLineBytes,
        start: file.rule.multiline?.start,
        localMs: config.time_zone === 'UTC' ? (ms: number) => ms : utcOfLocal,
        fallback: nowTime(Math.min(modified, clock.now())),
      },
    };
  }

  #savedFiles(next: ReadonlyMap<Chunk, FileCursor>): Map<string, SavedFile> {
    const saved = new Map<string, SavedFile>();
    const now = this.#deps.clock.now();
    for (const [{ file, content }, cursor] of next) {
      const { tail } = file;
      const moved = cursor.offset !== tail.cursor.offset || cursor.skip !== tail.cursor.skip;
      const changed = moved || JSON.stringify(cursor.pending) !== JSON.stringify(tail.cursor.pending);
      if (!changed && now - tail.savedAt < SAVE_AGAIN_MS) continue;
      saved.set(tail.key, content.savedAt(cursor));
      tail.savedAt = now;
    }
    return saved;
  }

  #count(batch: readonly Chunk[], readers: readonly ChunkReader[]): void {
    const { lines, bytes, malformed } = this.#telemetry;
    bytes.inc(batch.reduce((sum, { content }) => sum + content.bytes.length, 0));
    for (const { counts } of readers) {
      lines.inc(counts.lines);
      if (counts.malformed > 0) malformed.inc({ reason: 'format' }, counts.malformed);
      if (counts.cut > 0) malformed.inc({ reason: 'too_long' }, counts.cut);
      if (counts.repaired > 0) malformed.inc({ reason: 'not_utf8' }, counts.repaired);
    }
  }
}

/** A function that a closure has set. */
function kept(keep: (() => void) | null): void {
  keep?.();
}
