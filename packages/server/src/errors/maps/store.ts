import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TraceMap } from '@jridgewell/trace-mapping';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { StateKind, StateStore } from '../../journal/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { ErrorsConfig } from '../config.ts';
import { errorsErrors } from '../errors.ts';
import type { ErrorEvent } from '../event.ts';
import { eventId } from '../ingest/ids.ts';
import { withSources } from './apply.ts';

const storedMap = z.object({
  id: z.string(),
  /** Release that the file is of; empty where only the debug id tells. */
  release: z.string(),
  /** The compiled file, or the end of its path. */
  file: z.string(),
  /** 32 hex digits; empty for none. */
  debugId: z.string(),
  bytes: z.number(),
  /** When it came, epoch ms. */
  at: z.number(),
});
export type StoredMap = z.output<typeof storedMap>;

const mapKind: StateKind<StoredMap> = { name: 'errors.source_map', version: 1, schema: storedMap };

/** What a map must be to be one (ECMA-426); a map of sections is not taken. */
const sourceMap = z.looseObject({
  version: z.literal(3),
  sources: z.array(z.string().nullable()),
  names: z.array(z.string()).default([]),
  mappings: z.string(),
  sourcesContent: z.array(z.string().nullable()).optional(),
  sourceRoot: z.string().nullish(),
  file: z.string().nullish(),
});

export interface SourceMapsDeps {
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

  constructor(deps: SourceMapsDeps) {
    this.#deps = deps;
    this.#ready = new LRUCache({ maxSize: deps.config.memory });
  }

  /** The newest first. */
  list(tenant: string): readonly StoredMap[] {
    return this.#deps.state
      .list(mapKind, tenant)
      .map(({ value }) => value)
      .sort((a, b) => b.at - a.at);
  }

  /** Keeps a map, in the place of an earlier one of the same file; the oldest give way to it. Rejects with malformed, tooLarge or badParameter. */
  async put(tenant: string, of: MapOf, bytes: Uint8Array): Promise<StoredMap> {
    const { state, clock, config } = this.#deps;
    if (bytes.length > config.max_file)
      throw errorsErrors.make(
        'tooLarge',
        `a source map has ${bytes.length} bytes, expected at most ${config.max_file}`,
      );
    const parsed = parse(bytes);
    const debugId = of.debugId || (eventId(parsed.debugId ?? parsed.debug_id) ?? '');
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
    const stored = { id, release, file, debugId, bytes: bytes.length, at: clock.now() };
    await this.#makeRoom(tenant, stored);
    await this.#write(tenant, id, bytes);
    this.#ready.delete(`${tenant} ${id}`);
    await state.put(mapKind, tenant, id, stored);
    return stored;
  }

  async remove(tenant: string, id: string): Promise<void> {
    if (this.#deps.state.get(mapKind, tenant, id) === undefined)
      throw errorsErrors.make('unknownMap', `there is no source map ${JSON.stringify(id)}`);
    await this.#deps.state.delete(mapKind, tenant, id);
    this.#ready.delete(`${tenant} ${id}`);
    await rm(this.#path(tenant, id), { force: true });
  }

  /** The event with its frames as the sources have them, where there are maps for them. Never rejects: without a map it stays as it is. */
  async mapped(tenant: string, event: ErrorEvent): Promise<ErrorEvent> {
    const files = new Set(event.exceptions.flatMap(({ frames }) => frames.map(({ file }) => file)));
    const known = files.size === 0 ? [] : this.list(tenant);
    if (known.length === 0) return event;
    const maps = new Map<string, TraceMap>();
    for (const file of files) {
      const stored = known.find((map) => isOf(map, event, file));
      const map = stored === undefined ? null : await this.#load(tenant, stored);
      if (map !== null) maps.set(file, map);
    }
    return withSources(event, maps);
  }

  async #load(tenant: string, { id, bytes }: StoredMap): Promise<TraceMap | null> {
    const key = `${tenant} ${id}`;
    const ready = this.#ready.get(key);
    if (ready !== undefined) return ready;
    try {
      const map = traced(parse(await readFile(this.#path(tenant, id))));
      this.#ready.set(key, map, { size: bytes });
      return map;
    } catch (error) {
      this.#deps.log.warn(
        { err: error, map: id },
        'a source map cannot be read; its frames stay as they are',
      );
      return null;
    }
  }

  async #makeRoom(tenant: string, coming: StoredMap): Promise<void> {
    const kept = this.list(tenant).filter(({ id }) => id !== coming.id);
    let total = kept.reduce((sum, { bytes }) => sum + bytes, coming.bytes);
    for (const { id, bytes } of kept.toReversed()) {
      if (total <= this.#deps.config.max_total) return;
      await this.remove(tenant, id);
      total -= bytes;
    }
  }

  async #write(tenant: string, id: string, bytes: Uint8Array): Promise<void> {
    const path = this.#path(tenant, id);
    await mkdir(join(path, '..'), { recursive: true });
    const file = await open(`${path}.new`, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  }

  #path(tenant: string, id: string): string {
    return join(
      this.#deps.directory,
      createHash('sha256').update(tenant).digest('hex').slice(0, 32),
      `${id}.map`,
    );
  }
}

/** A debug id names one build of one file; else the release and the end of the path do. */
function isOf({ debugId, release, file: named }: StoredMap, event: ErrorEvent, file: string): boolean {
  if (debugId !== '' && event.debugIds.some(([of, id]) => of === file && id === debugId)) return true;
  if (release === '' || release !== event.release || named === '') return false;
  const plain = file.replaceAll('\\', '/').replace(/[?#].*$/s, '');
  return plain === named || plain.endsWith(`/${named.replace(/^\.?\//, '')}`);
}

function parse(bytes: Uint8Array): z.output<typeof sourceMap> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw errorsErrors.make('malformed', 'a source map is JSON, and the body is none');
  }
  const parsed = sourceMap.safeParse(value);
  if (parsed.success) {
    traced(parsed.data);
    return parsed.data;
  }
  const issue = parsed.error.issues[0];
  throw errorsErrors.make(
    'malformed',
    `a source map of version 3 is expected: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
  );
}

function traced({
  version,
  sources,
  names,
  mappings,
  sourcesContent,
  sourceRoot,
  file,
}: z.output<typeof sourceMap>): TraceMap {
  return new TraceMap({
    version,
    sources,
    names,
    mappings,
    ...(sourcesContent !== undefined && { sourcesContent }),
    ...(sourceRoot != null && { sourceRoot }),
    ...(file != null && { file }),
  });
}
