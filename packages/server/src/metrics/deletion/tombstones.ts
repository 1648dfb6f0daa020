import { type Labels, type Matcher, parseSelector } from '@pharos/promql';
import { z } from 'zod';
import type { StateKind, StateStore } from '../../journal/index.ts';
import { metricsErrors } from '../errors.ts';

/** A stretch of time that was deleted from all series a selector accepts, ms, both inclusive. */
export interface Tombstone {
  readonly key: string;
  readonly matchers: readonly Matcher[];
  readonly from: number;
  readonly to: number;
  /** Its rows are gone from the engine; only memory may still hold some. */
  readonly removed: boolean;
}

interface Stored {
  readonly selector: string;
  readonly from: number;
  readonly to: number;
  readonly removed: boolean;
}

const tombstoneKind: StateKind<Stored> = {
  name: 'metrics.tombstone',
  version: 1,
  schema: z.strictObject({ selector: z.string(), from: z.number(), to: z.number(), removed: z.boolean() }),
};

/** Each costs a look at every series of a query; what was removed for good makes room. */
const MOST_PER_TENANT = 1000;

/** What was deleted and may still lie in head, journal or engine: kept in the StateStore, honoured by every query. */
export class Tombstones {
  readonly #state: StateStore;
  readonly #byTenant = new Map<string, readonly Tombstone[]>();
  #last = 0;

  constructor(state: StateStore) {
    this.#state = state;
    for (const tenant of state.tenants(tombstoneKind)) this.#reload(tenant);
  }

  tenants(): readonly string[] {
    return [...this.#byTenant.keys()];
  }

  of(tenant: string): readonly Tombstone[] {
    return this.#byTenant.get(tenant) ?? NONE;
  }

  /** Durable when it resolves, all or none. `now` makes the keys; deletions of one moment are told apart. */
  async add(
    tenant: string,
    selectors: readonly string[],
    range: { from: number; to: number },
    now: number,
  ): Promise<void> {
    if (this.of(tenant).length + selectors.length > MOST_PER_TENANT)
      throw metricsErrors.make(
        'busy',
        `${MOST_PER_TENANT} deletions wait to be removed for good; expected fewer`,
        { retryAfterSeconds: 3600 },
      );
    this.#last = Math.max(this.#last + selectors.length, now);
    const first = this.#last - selectors.length;
    await this.#state.write(
      selectors.map((selector, i) => ({
        kind: tombstoneKind,
        tenant,
        key: String(first + i).padStart(16, '0'),
        value: { selector, ...range, removed: false },
      })),
    );
    this.#reload(tenant);
  }

  /** Says durably that the rows are gone from the engine. Memory may still hold some, so queries go on hiding them. */
  async markRemoved(tenant: string, { key }: Tombstone): Promise<void> {
    const entry = this.#state.get(tombstoneKind, tenant, key);
    if (entry === undefined) return;
    await this.#state.put(tombstoneKind, tenant, key, { ...entry.value, removed: true });
    this.#reload(tenant);
  }

  /** Forgets one of which nothing is left anywhere. */
  async forget(tenant: string, { key }: Tombstone): Promise<void> {
    await this.#state.delete(tombstoneKind, tenant, key);
    this.#reload(tenant);
  }

  /** Forgets what an earlier process removed. To be called before memory is filled. */
  async forgetRemoved(): Promise<void> {
    for (const tenant of this.tenants()) {
      for (const { key, removed } of this.of(tenant))
        if (removed) await this.#state.delete(tombstoneKind, tenant, key);
      this.#reload(tenant);
    }
  }

  #reload(tenant: string): void {
    const entries = this.#state.list(tombstoneKind, tenant);
    this.#last = Math.max(this.#last, Number(entries.at(-1)?.key ?? 0) + 1);
    // A thousand selectors are not parsed anew for each of a thousand that changes.
    const parsed = new Map(this.of(tenant).map(({ key, matchers }) => [key, matchers]));
    const tombstones = entries.map(({ key, value }) => ({
      key,
      ...value,
      matchers: parsed.get(key) ?? parseSelector(value.selector),
    }));
    if (tombstones.length === 0) this.#byTenant.delete(tenant);
    else this.#byTenant.set(tenant, tombstones);
  }
}

const NONE: readonly Tombstone[] = [];

export function covers({ matchers }: Tombstone, labels: Labels): boolean {
  return matchers.every((matcher) => matcher.matches(labels.get(matcher.name)));
}
