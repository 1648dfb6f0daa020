import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { TraceMap } from '@jridgewell/trace-mapping';
import { LRUCache } from 'lru-cache';
import {
  type FileSystem,
  readWhole,
  removeIfThere,
  replaceDurably,
  type StateStore,
} from '../../journal/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { Turns } from '../../kernel/turns.ts';
import type { ErrorsConfig } from '../config.ts';
import { errorsErrors } from '../errors.ts';
import type { ErrorEvent } from '../event.ts';
import { eventId } from '../ingest/ids.ts';
import { withSources } from './apply.ts';
import { IndexOfMaps } from './index-of-maps.ts';
import { mapKind, parseMap, type StoredMap, tracedMap } from './stored-map.ts';

export interface SourceMapsDeps {
  readonly fs: FileSystem;
  /** Holds the files; made when the first comes. */
  readonly directory: string;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: ErrorsConfig['source_maps'];
}

/** Which compiled file a map is of. */
export interface MapOf {
  readonly release: string;
  readonly file: string;
  readonly debugId: string;
}

/** Source maps on disk, found by debug id, or by release and file; those in use are held ready in memory. */
export class SourceMaps {
  readonly #deps: SourceMapsDeps;
  readonly #ready: LRUCache<string, TraceMap>;
  /** By path: what is being read, for all who need it. */
  readonly #reading = new Map<string, Promise<TraceMap | null>>();
  /** By tenant, made anew after a change. */
  readonly #indexes = new Map<string, IndexOfMaps>();
  /** One change of a tenant's maps after the other. */
  readonly #turns = new Turns();

  constructor(deps: SourceMapsDeps) {
    this.#deps = deps;
    const { memory, max_file: largest } = deps.config;
    // A map that could not be held would be read again for every error.
    this.#ready = new LRUCache({ maxSize: Math.max(memory, largest) });
    deps.state.onChange(mapKind, ({ tenant }) => this.#indexes.delete(tenant));
  }

  /** The newest first. */
  list(tenant: string): readonly StoredMap[] {
    return this.#deps.state
      .list(mapKind, tenant)
      .map(({ value }) => value)
      .sort((a, b) => b.at - a.at);
  }

  /**
   * Keeps a map, in the place of an earlier one of the same file; the oldest give way to it. On disk when it resolves. Rejects with malformed,
   * tooLarge or badParameter.
   */
  async put(tenant: string, of: MapOf, bytes: Uint8Array): Promise<StoredMap> {
    const { clock, config } = this.#deps;
    if (bytes.length > config.max_file)
      throw errorsErrors.make(
        'tooLarge',
        `a source map has ${bytes.length} bytes, expected at most ${config.max_file}`,
      );
    const parsed = parseMap(bytes);
    const debugId = of.debugId || (eventId(parsed['debugId'] ?? parsed['debug_id']) ?? '');
    if (debugId === '' && (of.release === '' || of.file === ''))
      throw errorsErrors.make(
        'badParameter',
        'release and file, or debug_id, are expected: nothing else tells what a map is of',
      );
    const { release, file } = of;
    const id = createHash('sha256')
      .update(JSON.stringify([release, file, debugId]))
      .digest('hex')
      .slice(0, 32);
    return this.#turns.take(tenant, async () => {
      const stored = { id, release, file, debugId, bytes: bytes.length, at: clock.now() };
      await this.#makeRoom(tenant, stored);
      const path = this.#path(tenant, id);
      await this.#deps.fs.makeDirectory(dirname(path));
      await replaceDurably(this.#deps.fs, path, bytes);
      this.#forget(path);
      await this.#deps.state.put(mapKind, tenant, id, stored);
      return stored;
    });
  }

  /** Rejects with unknownMap. */
  remove(tenant: string, id: string): Promise<void> {
    return this.#turns.take(tenant, async () => {
      if (this.#deps.state.get(mapKind, tenant, id) === undefined)
        throw errorsErrors.make('unknownMap', `there is no source map ${JSON.stringify(id)}`);
      await this.#remove(tenant, id);
    });
  }

  /** The event with its frames as the sources have them, where there are maps for them. Never rejects: without a map it stays as it is. */
  async mapped(tenant: string, event: ErrorEvent): Promise<ErrorEvent> {
    const index = this.#indexOf(tenant);
    if (index.isEmpty) return event;
    const maps = new Map<string, TraceMap>();
    for (const file of new Set(event.exceptions.flatMap(({ frames }) => frames.map((one) => one.file)))) {
      const stored = index.find(event, file);
      const map = stored === undefined ? null : await this.#load(tenant, stored);
      if (map !== null) maps.set(file, map);
    }
    try {
      return withSources(event, maps);
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'a source map is wrong in itself; its frames stay as they are');
      return event;
    }
  }

  #indexOf(tenant: string): IndexOfMaps {
    let index = this.#indexes.get(tenant);
    if (index === undefined) this.#indexes.set(tenant, (index = new IndexOfMaps(this.list(tenant))));
    return index;
  }

  #load(tenant: string, { id, bytes }: StoredMap): Promise<TraceMap | null> {
    const path = this.#path(tenant, id);
    const ready = this.#ready.get(path);
    if (ready !== undefined) return Promise.resolve(ready);
    const known = this.#reading.get(path);
    if (known !== undefined) return known;
    const reading = this.#read(path, bytes);
    this.#reading.set(path, reading);
    void reading.then((map) => {
      // Another file may have taken its place meanwhile.
      if (this.#reading.get(path) !== reading) return;
      this.#reading.delete(path);
      if (map !== null) this.#ready.set(path, map, { size: Math.max(1, bytes) });
    });
    return reading;
  }

  async #read(path: string, bytes: number): Promise<TraceMap | null> {
    const { fs, log, config } = this.#deps;
    try {
      return tracedMap(parseMap(await readWhole(fs, path, Math.max(bytes, config.max_file))));
    } catch (error) {
      log.warn({ err: error, path }, 'a source map cannot be read; its frames stay as they are');
      return null;
    }
  }

  async #makeRoom(tenant: string, coming: StoredMap): Promise<void> {
    const { max_total: most, max_maps: mostMaps } = this.#deps.config;
    const kept = this.list(tenant).filter(({ id }) => id !== coming.id);
    let total = kept.reduce((sum, { bytes }) => sum + bytes, coming.bytes);
    let many = kept.length + 1;
    for (const { id, bytes } of kept.toReversed()) {
      if (total <= most && many <= mostMaps) return;
      await this.#remove(tenant, id);
      total -= bytes;
      many--;
    }
  }

  async #remove(tenant: string, id: string): Promise<void> {
    const path = this.#path(tenant, id);
    await this.#deps.state.delete(mapKind, tenant, id);
    this.#forget(path);
    await removeIfThere(this.#deps.fs, path);
  }

  /** What is still being read is of the file as it was. */
  #forget(path: string): void {
    this.#ready.delete(path);
    this.#reading.delete(path);
  }

  #path(tenant: string, id: string): string {
    return join(
      this.#deps.directory,
      createHash('sha256').update(tenant).digest('hex').slice(0, 32),
      `${id}.map`,
    );
  }
}
