import {
  dateTime64,
  type Engine,
  RowBinaryReader,
  RowBinaryWriter,
  schemaVersionOf,
  sql,
  table,
  tenant,
} from '../../../engine/index.ts';
import type { Frame, Journal } from '../../../journal/index.ts';
import { logPositionsTable } from '../../tables.ts';
import { type SavedFile, savedFileSchema } from './cursor.ts';

const DAY_MS = 86_400_000;
/** Files that are remembered. */
const MOST_FILES = 100_000;
/** Positions are looked for as far back; those of followed files are written again more often. */
const REACH_MS = 60 * DAY_MS;

/**
 * Where the reading of each file stands. A position is a row in the journal like the lines before it, in the same request: both become
 * durable together, or neither does. So a kill at any point neither loses nor repeats a line.
 */
export class FilePositions {
  readonly #tenant: string;
  readonly #saved = new Map<string, { readonly order: number; readonly file: SavedFile }>();
  #last = 0;

  constructor(tenantName: string) {
    this.#tenant = tenantName;
  }

  get(key: string): SavedFile | undefined {
    return this.#saved.get(key)?.file;
  }

  entries(): IterableIterator<[string, { readonly file: SavedFile }]> {
    return this.#saved.entries();
  }

  get size(): number {
    return this.#saved.size;
  }

  /** The last positions that only the journal has; before the flusher runs. */
  async replay(journal: Pick<Journal, 'replay'>): Promise<void> {
    await journal.replay((frame) => {
      if (frame.table !== logPositionsTable.name || frame.tenant !== this.#tenant) return;
      const reader = new RowBinaryReader(frame.payload);
      for (let row = 0; row < frame.rows; row++) {
        reader.skipString();
        reader.skip(8);
        const order = Number(reader.int64());
        this.#learn(reader.string(), order, reader.string());
      }
    });
  }

  /** The flushed ones. Rejects when the engine cannot answer: nothing may be read before it has. */
  async load(engine: Pick<Engine, 'query'>, now: number): Promise<void> {
    const block = await engine.query(
      sql`SELECT file, max(seq) AS last, argMax(value, seq) AS saved FROM ${table(logPositionsTable)}
        WHERE tenant = ${tenant} AND ts >= ${dateTime64(now - REACH_MS)} GROUP BY file ORDER BY last DESC LIMIT ${MOST_FILES}`,
      { purpose: 'logs.positions', tenant: this.#tenant, limits: 'background' },
    );
    const last = block.bigints('last');
    const saved = block.strings('saved');
    for (const [row, file] of block.strings('file').entries())
      this.#learn(file, Number(last[row] ?? 0n), saved[row] ?? '');
  }

  /** Frames that say so; `keep` is to be called once they are durable. */
  frames(
    files: ReadonlyMap<string, SavedFile>,
    now: number,
  ): { readonly frames: readonly Frame[]; readonly keep: () => void } {
    if (files.size === 0) return { frames: [], keep: () => {} };
    const writer = new RowBinaryWriter(256 * files.size);
    const written: [string, { order: number; file: SavedFile }][] = [];
    for (const [key, file] of files) {
      // Rises also when the clock is set back; microseconds fit a number until the year 2255.
      const order = (this.#last = Math.max(this.#last + 1, Math.floor(now) * 1000));
      writer.string(this.#tenant);
      writer.dateTime64(now);
      writer.uint64(order % 2 ** 32, Math.floor(order / 2 ** 32));
      writer.string(key);
      writer.string(JSON.stringify(file));
      writer.endRow();
      written.push([key, { order, file }]);
    }
    const { rows, payload } = writer.take();
    const frame: Frame = {
      table: logPositionsTable.name,
      schemaVersion: schemaVersionOf(logPositionsTable),
      tenant: this.#tenant,
      day: Math.floor(now / DAY_MS),
      rows,
      payload,
    };
    return {
      frames: [frame],
      keep: () => {
        for (const [key, entry] of written) this.#saved.set(key, entry);
      },
    };
  }

  #learn(key: string, order: number, text: string): void {
    this.#last = Math.max(this.#last, order);
    if ((this.#saved.get(key)?.order ?? -1) >= order) return;
    const parsed = savedFileSchema.safeParse(parsedJson(text));
    if (parsed.success) this.#saved.set(key, { order, file: parsed.data });
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
