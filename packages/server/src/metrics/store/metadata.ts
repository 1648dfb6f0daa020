import type { MetadataSink, MetricMetadata } from '../sink.ts';

/** Families kept per tenant; a hostile target must not fill the memory with invented names. */
const FAMILIES_PER_TENANT = 50_000;
/** Distinct descriptions kept per family, as targets of different versions disagree. */
const PER_FAMILY = 4;

/** Type, help and unit by metric family, in memory. */
export class MetadataStore implements MetadataSink {
  readonly #tenants = new Map<string, Map<string, readonly MetricMetadata[]>>();
  readonly #listeners = new Set<(tenant: string, metric: string, metadata: MetricMetadata) => void>();

  record(tenant: string, metric: string, metadata: MetricMetadata): void {
    let families = this.#tenants.get(tenant);
    if (families === undefined) {
      families = new Map<string, readonly MetricMetadata[]>();
      this.#tenants.set(tenant, families);
    }
    const known = families.get(metric) ?? [];
    if (known.some((one) => same(one, metadata))) return;
    if (known.length === 0 && families.size >= FAMILIES_PER_TENANT) return;
    families.set(metric, [metadata, ...known.slice(0, PER_FAMILY - 1)]);
    for (const listener of this.#listeners) listener(tenant, metric, metadata);
  }

  /** Families in the order they were first seen; of each, the newest description first. */
  families(tenant: string): ReadonlyMap<string, readonly MetricMetadata[]> {
    return this.#tenants.get(tenant) ?? NOTHING;
  }

  /** Calls back for each new description, so that it can be kept over a restart. Returns the unsubscribe. */
  onRecorded(listener: (tenant: string, metric: string, metadata: MetricMetadata) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

const NOTHING: ReadonlyMap<string, readonly MetricMetadata[]> = new Map();

function same(a: MetricMetadata, b: MetricMetadata): boolean {
  return a.type === b.type && a.help === b.help && a.unit === b.unit;
}
