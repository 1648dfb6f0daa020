import { recordBytes, type StateRecord } from './record.ts';

/** The newest record of each key, in memory; deleted keys are not there. */
export class Entries {
  readonly #kinds = new Map<string, Map<string, Map<string, StateRecord>>>();
  #count = 0;
  #bytes = 0;

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(kind: string, tenant: string, key: string): StateRecord | undefined {
    return this.#kinds.get(kind)?.get(tenant)?.get(key);
  }

  /** In key order. */
  list(kind: string, tenant: string): StateRecord[] {
    const keys = this.#kinds.get(kind)?.get(tenant);
    if (keys === undefined) return [];
    return [...keys.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }

  tenants(kind: string): string[] {
    return [...(this.#kinds.get(kind)?.keys() ?? [])].sort();
  }

  *all(): Generator<StateRecord> {
    for (const tenants of this.#kinds.values()) for (const keys of tenants.values()) yield* keys.values();
  }

  apply(record: StateRecord): void {
    const before = this.get(record.kind, record.tenant, record.key);
    if (before !== undefined) {
      this.#count--;
      this.#bytes -= recordBytes(before);
    }
    if (record.json === null) {
      this.#remove(record);
      return;
    }
    const tenants = this.#kinds.get(record.kind) ?? new Map<string, Map<string, StateRecord>>();
    const keys = tenants.get(record.tenant) ?? new Map<string, StateRecord>();
    this.#kinds.set(record.kind, tenants);
    tenants.set(record.tenant, keys);
    keys.set(record.key, record);
    this.#count++;
    this.#bytes += recordBytes(record);
  }

  #remove({ kind, tenant, key }: StateRecord): void {
    const tenants = this.#kinds.get(kind);
    const keys = tenants?.get(tenant);
    keys?.delete(key);
    if (keys?.size === 0) tenants?.delete(tenant);
  }
}
