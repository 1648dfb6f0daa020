import type { MetadataSink, MetricMetadata } from '../sink.ts';

/** Families kept per tenant; a hostile target must not fill the memory with invented names. */
const FAMILIES_PER_TENANT = 50_000;
/** Distinct descriptions kept per family, as targets of different versions disagree. */
const PER_FAMILY = 4;
/** Of one text, in bytes of UTF-8; longer ones are cut. */
const TEXT_BYTES = 1024;
/** Of a family's name, which is the key of its descriptions in the state store. */
const NAME_BYTES = 512;
/** What a family takes beside its texts, in the state store and here. */
const FAMILY_BYTES = 64;
const MIB = 2 ** 20;

/** Bytes of JSON that descriptions may take, here and in the state store, which dashboards and users need too. */
interface MetadataRoom {
  readonly perTenant: number;
  /** All tenants together. */
  readonly total: number;
}

const ROOM: MetadataRoom = { perTenant: 8 * MIB, total: 16 * MIB };

/** Why a description is not kept as it came. */
type MetadataLimit = 'text_length' | 'name_length' | 'families' | 'bytes';

interface TenantFamilies {
  readonly families: Map<string, readonly MetricMetadata[]>;
  bytes: number;
}

/** Type, help and unit by metric family, in memory, within a fixed room: what does not fit is counted and left out. */
export class MetadataStore implements MetadataSink {
  readonly #tenants = new Map<string, TenantFamilies>();
  readonly #listeners = new Set<(tenant: string, metric: string, metadata: MetricMetadata) => void>();
  readonly #limited: (limit: MetadataLimit) => void;
  readonly #room: MetadataRoom;
  #bytes = 0;

  constructor(limited: (limit: MetadataLimit) => void = () => {}, room: MetadataRoom = ROOM) {
    this.#limited = limited;
    this.#room = room;
  }

  record(tenant: string, metric: string, told: MetricMetadata): void {
    const kept = this.#tenants.get(tenant);
    const known = kept?.families.get(metric) ?? [];
    const metadata = { type: told.type, help: cut(told.help), unit: cut(told.unit) };
    if (known.some((one) => same(one, metadata))) return;
    if (metric === '' || Buffer.byteLength(metric) > NAME_BYTES) this.#limited('name_length');
    else if (known.length === 0 && (kept?.families.size ?? 0) >= FAMILIES_PER_TENANT)
      this.#limited('families');
    else if (!this.#keep(tenant, metric, [metadata, ...known.slice(0, PER_FAMILY - 1)]))
      this.#limited('bytes');
    else {
      if (!same(told, metadata)) this.#limited('text_length');
      for (const listener of this.#listeners) listener(tenant, metric, metadata);
    }
  }

  /** Families in the order they were first seen; of each, the newest description first. */
  families(tenant: string): ReadonlyMap<string, readonly MetricMetadata[]> {
    return this.#tenants.get(tenant)?.families ?? NOTHING;
  }

  /** Calls back for each new description, so that it can be kept over a restart. Returns the unsubscribe. */
  onRecorded(listener: (tenant: string, metric: string, metadata: MetricMetadata) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** False when there is no room for even the first, the newest, of the descriptions: older ones go before it does. */
  #keep(tenant: string, metric: string, wanted: readonly MetricMetadata[]): boolean {
    const kept: TenantFamilies = this.#tenants.get(tenant) ?? { families: new Map(), bytes: 0 };
    const before = bytesOf(metric, kept.families.get(metric) ?? []);
    const room = Math.min(this.#room.perTenant - kept.bytes, this.#room.total - this.#bytes) + before;
    let descriptions = wanted;
    while (descriptions.length > 0 && bytesOf(metric, descriptions) > room)
      descriptions = descriptions.slice(0, -1);
    if (descriptions.length === 0) return false;
    const grown = bytesOf(metric, descriptions) - before;
    kept.families.set(metric, descriptions);
    kept.bytes += grown;
    this.#bytes += grown;
    this.#tenants.set(tenant, kept);
    return true;
  }
}

const NOTHING: ReadonlyMap<string, readonly MetricMetadata[]> = new Map();

function same(a: MetricMetadata, b: MetricMetadata): boolean {
  return a.type === b.type && a.help === b.help && a.unit === b.unit;
}

/** As the state store counts them. */
function bytesOf(metric: string, descriptions: readonly MetricMetadata[]): number {
  if (descriptions.length === 0) return 0;
  return metric.length + JSON.stringify(descriptions).length + FAMILY_BYTES;
}

/** A UTF-16 unit is at most three bytes of UTF-8: most texts need no counting. */
function cut(text: string): string {
  if (text.length * 3 <= TEXT_BYTES || Buffer.byteLength(text) <= TEXT_BYTES) return text;
  // Of a character cut in two, what is left is replaced by one that is no part of it.
  const head = Buffer.from(text.slice(0, TEXT_BYTES)).subarray(0, TEXT_BYTES - ELLIPSIS.length);
  return `${head.toString('utf8').replace(/\uFFFD+$/, '')}…`;
}

const ELLIPSIS = Buffer.from('…');
