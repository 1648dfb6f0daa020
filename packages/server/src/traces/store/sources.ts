import xxhash from 'xxhash-wasm';
import { RowBinaryReader, RowBinaryWriter } from '../../engine/index.ts';
import type { Frame } from '../../journal/index.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import { type Attribute, attributesOf } from '../attributes.ts';
import type { SourceRef, SpanSource } from '../sink.ts';
import { spanSourcesTable } from '../tables.ts';

/** A resource with a scope of one tenant. */
export interface KnownSource {
  readonly ref: SourceRef;
  readonly tenant: string;
  /** 64-bit hash of the source, as two words. */
  readonly low: number;
  readonly high: number;
  readonly source: SpanSource;
  /** Canonical. */
  readonly service: string;
  /** `service.version` of the resource; empty for none. */
  readonly version: string;
  /** Days whose row is durable. */
  readonly days: Set<number>;
  /** Memory it takes, about. */
  readonly bytes: number;
  inFlight: number;
  usedAt: number;
}

/** OpenTelemetry's name for a service that has none (resource semantic conventions). */
const NO_SERVICE = 'unknown_service';
/** What a service's version stands under (resource semantic conventions). */
const VERSION = 'service.version';
/** An idle source is forgotten after this; its rows are in the engine. */
const IDLE_MS = 2 * 3_600_000;
/** When memory is short after this already: by then its rows are in the engine, unless that is away. */
const SHORT_IDLE_MS = 5 * 60_000;
/** What the objects of a source and of an attribute take beside their texts, of which a character takes two bytes at most. */
const SOURCE_BYTES = 600;
const ATTRIBUTE_BYTES = 120;
const CHARACTER_BYTES = 2;

/** The hash that is part of the stored format: every writer must use the same (xxHash64, seed 0). */
export type SourceHash = (text: string) => bigint;

export async function createSourceHash(): Promise<SourceHash> {
  const { h64 } = await xxhash();
  return (text) => h64(text);
}

interface SourcesDeps {
  readonly hash: SourceHash;
  readonly names: ServiceNames;
  /** Sources of a tenant. */
  readonly limit: number;
  /** Bytes of the sources of all tenants. */
  readonly memory: number;
}

/** Which limit keeps a source out. */
export type SourceLimit = 'count' | 'memory';

/** What sends spans now, of all tenants. */
export class Sources {
  readonly #deps: SourcesDeps;
  readonly #tenants = new Map<string, Map<bigint, KnownSource>>();
  /** The longest unused first. */
  readonly #byRef = new Map<SourceRef, KnownSource>();
  #lastRef = 0;
  #bytes = 0;

  constructor(deps: SourcesDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#byRef.size;
  }

  /** Memory of all of them, about. */
  get bytes(): number {
    return this.#bytes;
  }

  of(ref: SourceRef): KnownSource | undefined {
    return this.#byRef.get(ref);
  }

  find(tenant: string, hash: bigint): SpanSource | undefined {
    return this.#tenants.get(tenant)?.get(hash)?.source;
  }

  list(tenant: string): Iterable<KnownSource> {
    return this.#tenants.get(tenant)?.values() ?? [];
  }

  /** The source, made when it is new, or the limit that keeps it out. */
  resolve(tenant: string, source: SpanSource, now: number): KnownSource | SourceLimit {
    const { hash, names, limit, memory } = this.#deps;
    const text = textOf(source);
    const key = hash(text);
    const present = this.#tenants.get(tenant)?.get(key);
    if (present !== undefined) {
      present.usedAt = now;
      this.#byRef.delete(present.ref);
      this.#byRef.set(present.ref, present);
      return present;
    }
    if ((this.#tenants.get(tenant)?.size ?? 0) >= limit) return 'count';
    const bytes = bytesOf(source);
    if (bytes <= memory && this.#bytes + bytes > memory) this.#forget(now - SHORT_IDLE_MS, memory - bytes);
    if (this.#bytes + bytes > memory) return 'memory';
    const made: KnownSource = {
      ref: ++this.#lastRef,
      tenant,
      low: Number(key & 0xffffffffn),
      high: Number(key >> 32n),
      source,
      service: serviceOf(names, source),
      version: source.resource.find(({ key }) => key === VERSION)?.value ?? '',
      days: new Set(),
      bytes,
      inFlight: 0,
      usedAt: now,
    };
    let known = this.#tenants.get(tenant);
    if (known === undefined) this.#tenants.set(tenant, (known = new Map<bigint, KnownSource>()));
    known.set(key, made);
    this.#byRef.set(made.ref, made);
    this.#bytes += bytes;
    return made;
  }

  /** Forgets what was idle for long. */
  collect(now: number): void {
    this.#forget(now - IDLE_MS, 0);
  }

  /** Forgets what was last used before a time, the longest unused first, until no more than `bytes` are left. */
  #forget(before: number, bytes: number): void {
    for (const source of this.#byRef.values()) {
      if (source.usedAt > before || this.#bytes <= bytes) return;
      if (source.inFlight > 0) continue;
      const { tenant, low, high, ref } = source;
      const known = this.#tenants.get(tenant);
      known?.delete((BigInt(high) << 32n) | BigInt(low));
      if (known?.size === 0) this.#tenants.delete(tenant);
      this.#byRef.delete(ref);
      this.#bytes -= source.bytes;
    }
  }
}

/** The canonical name of what made the spans of a source. */
export function serviceOf(names: ServiceNames, { resource }: SpanSource): string {
  return names.of((name) => resource.find(({ key }) => key === name)?.value) ?? NO_SERVICE;
}

/** Memory that a source takes, about. */
export function bytesOf({ resource, scopeName, scopeVersion, scope, schemaUrl }: SpanSource): number {
  let characters = scopeName.length + scopeVersion.length + schemaUrl.length;
  for (const attributes of [resource, scope])
    for (const { key, value } of attributes) characters += key.length + value.length;
  return SOURCE_BYTES + (resource.length + scope.length) * ATTRIBUTE_BYTES + characters * CHARACTER_BYTES;
}

/** Everything of a source, length-prefixed, so that no value can imitate a boundary. */
function textOf({ resource, scopeName, scopeVersion, scope, schemaUrl }: SpanSource): string {
  let text = '';
  const add = (part: string): void => {
    text += `${part.length}:${part}`;
  };
  for (const part of [scopeName, scopeVersion, schemaUrl]) add(part);
  for (const attributes of [resource, scope]) {
    add(String(attributes.length));
    for (const { key, type, value } of attributes) {
      add(key);
      add(type);
      add(value);
    }
  }
  return text;
}

/** Rows for the sources whose day has none yet, one frame per day; known once the frames are durable. */
export function sourceFrames(
  tenant: string,
  days: ReadonlySet<number>,
  sources: Iterable<KnownSource>,
): { readonly frames: readonly Frame[]; readonly known: readonly (readonly [KnownSource, number])[] } {
  const known: [KnownSource, number][] = [];
  const frames: Frame[] = [];
  const all = [...sources];
  for (const day of days) {
    const writer = new RowBinaryWriter(0);
    for (const source of all) {
      if (source.days.has(day)) continue;
      known.push([source, day]);
      writer.string(tenant);
      writer.date(day);
      writer.uint64(source.low, source.high);
      writer.string(source.service);
      writeAttributes(writer, source.source.resource);
      writer.string(source.source.scopeName);
      writer.string(source.source.scopeVersion);
      writeAttributes(writer, source.source.scope);
      writer.string(source.source.schemaUrl);
      writer.endRow();
    }
    if (writer.rows === 0) continue;
    const { rows, payload } = writer.take();
    frames.push({ table: spanSourcesTable.name, schemaVersion: 1, tenant, day, rows, payload });
  }
  return { frames, known };
}

function writeAttributes(writer: RowBinaryWriter, attributes: readonly Attribute[]): void {
  writer.varUint(attributes.length);
  for (const { key, value } of attributes) {
    writer.string(key);
    writer.string(value);
  }
  writer.string(attributes.map(({ type }) => type).join(''));
}

/** The sources of a frame of their rows. */
export function readSourceRows(frame: Frame, visit: (source: SpanSource) => void): void {
  const reader = new RowBinaryReader(frame.payload);
  const attributes = (): Attribute[] => {
    const pairs: string[] = [];
    for (let left = reader.varUint() * 2; left > 0; left--) pairs.push(reader.string());
    return attributesOf(pairs, reader.string());
  };
  for (let row = 0; row < frame.rows; row++) {
    reader.skipString();
    reader.skip(2 + 8);
    reader.skipString();
    const resource = attributes();
    const scopeName = reader.string();
    const scopeVersion = reader.string();
    const scope = attributes();
    visit({ resource, scopeName, scopeVersion, scope, schemaUrl: reader.string() });
  }
}
