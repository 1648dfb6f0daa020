import { z } from 'zod';
import { type StateKind, type StateStore, stateErrors } from '../../journal/index.ts';
import { CHANGE_KINDS, type PatternChange } from './miner.ts';

/** Changes kept of a tenant; older ones go. */
const MOST_CHANGES = 500;
const MOST_PATTERN_CHARS = 1000;

const changesKind: StateKind<readonly StoredChange[]> = {
  name: 'logs.pattern_changes',
  version: 1,
  schema: z.array(
    z.strictObject({
      kind: z.enum(CHANGE_KINDS),
      service: z.string(),
      level: z.string(),
      pattern: z.string(),
      at: z.number(),
    }),
  ),
};
type StoredChange = Omit<PatternChange, 'tenant'>;
const KEY = 'all';

/** What patterns appeared, vanished and returned: the newest of each tenant, durable. */
export class PatternChanges {
  readonly #state: Pick<StateStore, 'get' | 'put' | 'tenants'>;
  readonly #byTenant = new Map<string, PatternChange[]>();
  readonly #unsaved = new Set<string>();

  constructor(state: Pick<StateStore, 'get' | 'put' | 'tenants'>) {
    this.#state = state;
  }

  /** Reads what an earlier process kept. */
  restore(): void {
    for (const tenant of this.#state.tenants(changesKind)) {
      const kept = this.#state.get(changesKind, tenant, KEY)?.value ?? [];
      this.#byTenant.set(
        tenant,
        kept.map((change) => ({ ...change, tenant })),
      );
    }
  }

  add(change: PatternChange): void {
    const own = this.#byTenant.get(change.tenant) ?? [];
    own.push(change);
    if (own.length > MOST_CHANGES) own.splice(0, own.length - MOST_CHANGES);
    this.#byTenant.set(change.tenant, own);
    this.#unsaved.add(change.tenant);
  }

  /** The newest first. */
  of(tenant: string): readonly PatternChange[] {
    return this.#byTenant.get(tenant)?.toReversed() ?? [];
  }

  /** Makes them durable; those that the state store does not take now are tried again with the next. */
  async save(): Promise<void> {
    const tenants = [...this.#unsaved];
    this.#unsaved.clear();
    for (const tenant of tenants) {
      const kept = (this.#byTenant.get(tenant) ?? []).map(({ kind, service, level, pattern, at }) => ({
        kind,
        service,
        level,
        pattern: pattern.slice(0, MOST_PATTERN_CHARS),
        at,
      }));
      try {
        await this.#state.put(changesKind, tenant, KEY, kept);
      } catch (error) {
        this.#unsaved.add(tenant);
        if (
          !stateErrors.is(error, 'failed') &&
          !stateErrors.is(error, 'full') &&
          !stateErrors.is(error, 'stopped')
        )
          throw error;
      }
    }
  }
}
