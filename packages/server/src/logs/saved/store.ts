import { z } from 'zod';
import { type StateKind, type StateStore, stateErrors } from '../../journal/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import { logsErrors } from '../errors.ts';

const MOST_SEARCHES = 500;

/** A log query that a team keeps under a name. Times in epoch ms; `savedBy` is empty when nobody was logged in. */
export const savedSearch = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** LogQL. */
  query: z.string(),
  /** How far back it looks, such as `1h`; absent for whatever the reader looks at. */
  range: z.string().optional(),
  savedAt: z.number(),
  savedBy: z.string(),
  version: z.number(),
});
export type SavedSearch = z.output<typeof savedSearch>;

const searchKind: StateKind<Omit<SavedSearch, 'version'>> = {
  name: 'logs.saved_search',
  version: 1,
  schema: savedSearch.omit({ version: true }),
};

export interface SearchDraft {
  readonly name: string;
  readonly query: string;
  readonly range?: string | undefined;
}

/** The saved searches of each tenant, durable in the StateStore: any of the tenant's people may rename and remove them. */
export class SavedSearches {
  readonly #state: StateStore;
  readonly #clock: Clock;
  readonly #most: number;

  constructor(state: StateStore, clock: Clock, most = MOST_SEARCHES) {
    this.#state = state;
    this.#clock = clock;
    this.#most = most;
  }

  /** By name. */
  list(tenant: string): readonly SavedSearch[] {
    return this.#state
      .list(searchKind, tenant)
      .map(({ value, version }) => ({ ...value, version }))
      .sort((a, b) => a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1));
  }

  async create(tenant: string, user: string, id: string, draft: SearchDraft): Promise<SavedSearch> {
    const all = this.list(tenant);
    if (all.length >= this.#most)
      throw logsErrors.make('tooManySearches', `there are ${this.#most} saved searches already`);
    this.#refuseTaken(all, draft.name, undefined);
    return this.#put(tenant, { id, ...draft, savedAt: this.#clock.now(), savedBy: user }, 'absent');
  }

  /** `expected` is the version the change was made on; without it the last one wins. */
  async change(
    tenant: string,
    user: string,
    id: string,
    { expected, ...draft }: SearchDraft & { readonly expected?: number | undefined },
  ): Promise<SavedSearch> {
    const present = this.#present(tenant, id);
    if (expected !== undefined && expected !== present.version)
      throw logsErrors.make(
        'searchConflict',
        `"${present.name}" has version ${present.version}; the change was made on version ${expected}`,
      );
    this.#refuseTaken(this.list(tenant), draft.name, id);
    return this.#put(tenant, { id, ...draft, savedAt: this.#clock.now(), savedBy: user }, present.version);
  }

  async remove(tenant: string, id: string): Promise<void> {
    this.#present(tenant, id);
    await this.#state.delete(searchKind, tenant, id);
  }

  #present(tenant: string, id: string) {
    const entry = this.#state.get(searchKind, tenant, id);
    if (entry === undefined) throw logsErrors.make('unknownSearch', `there is no saved search "${id}"`);
    return { ...entry.value, version: entry.version };
  }

  #refuseTaken(all: readonly SavedSearch[], name: string, own: string | undefined): void {
    if (all.some((other) => other.name === name && other.id !== own))
      throw logsErrors.make('searchExists', `name: there is a saved search "${name}" already`);
  }

  async #put(
    tenant: string,
    value: Omit<SavedSearch, 'version'>,
    expected: number | 'absent',
  ): Promise<SavedSearch> {
    try {
      const { version } = await this.#state.put(searchKind, tenant, value.id, value, { expected });
      return { ...value, version };
    } catch (error) {
      if (!stateErrors.is(error, 'conflict')) throw error;
      throw logsErrors.make('searchConflict', `"${value.name}" was changed in the meantime`);
    }
  }
}
