import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { type StateKind, type StateStore, stateErrors } from '../journal/index.ts';
import {
  type Incident,
  incident,
  NO_PAGE,
  type StatusPage,
  type Subscriber,
  statusPage,
  subscriber,
  type writtenPage,
} from './definition.ts';
import { statusPageErrors } from './errors.ts';

const pageKind: StateKind<StatusPage> = { name: 'status_page.page', version: 1, schema: statusPage };
const incidentKind: StateKind<Incident> = { name: 'status_page.incident', version: 1, schema: incident };
const subscriberKind: StateKind<Subscriber> = {
  name: 'status_page.subscriber',
  version: 1,
  schema: subscriber,
};

const MOST_INCIDENTS = 500;
const MOST_UPDATES = 200;
const PAGE = 'page';

/** The page, its incidents and its subscribers, durable in the StateStore. */
export class StatusPageStore {
  readonly #state: StateStore;
  readonly #tenant: string;

  constructor(state: StateStore, tenant: string) {
    this.#state = state;
    this.#tenant = tenant;
  }

  page(): { readonly page: StatusPage; readonly version: number } {
    const found = this.#state.get(pageKind, this.#tenant, PAGE);
    return found === undefined
      ? { page: NO_PAGE, version: 0 }
      : { page: found.value, version: found.version };
  }

  /** `expected` is the version the change was made on; whatever is there when absent. */
  async save(written: z.output<typeof writtenPage>, expected?: number): Promise<void> {
    const { version } = this.page();
    if (expected !== undefined && expected !== version)
      throw statusPageErrors.make(
        'conflict',
        `the page was changed meanwhile (version ${version}, not ${expected})`,
      );
    const page: StatusPage = {
      ...written,
      groups: written.groups.map(({ name, components }) => ({
        name,
        components: components.map(({ id, ...rest }) => ({ id: id ?? publicId(), ...rest })),
      })),
    };
    try {
      await this.#state.put(pageKind, this.#tenant, PAGE, page, {
        expected: version === 0 ? 'absent' : version,
      });
    } catch (error) {
      if (!stateErrors.is(error, 'conflict')) throw error;
      throw statusPageErrors.make('conflict', 'the page was changed meanwhile');
    }
  }

  /** The newest first. */
  incidents(): readonly Incident[] {
    return this.#state
      .list(incidentKind, this.#tenant)
      .map(({ value }) => value)
      .sort((a, b) => b.at - a.at);
  }

  incident(id: string): Incident {
    const found = this.#state.get(incidentKind, this.#tenant, id);
    if (found === undefined)
      throw statusPageErrors.make('unknown', `there is no incident "${id.slice(0, 100)}"`);
    return found.value;
  }

  /** Makes or replaces one. The oldest go when there are too many. */
  async putIncident(value: Incident): Promise<Incident> {
    const kept = { ...value, updates: value.updates.slice(0, MOST_UPDATES) };
    await this.#state.put(incidentKind, this.#tenant, value.id, kept);
    for (const old of this.incidents().slice(MOST_INCIDENTS)) await this.removeIncident(old.id);
    return kept;
  }

  async removeIncident(id: string): Promise<void> {
    await this.#state.delete(incidentKind, this.#tenant, id);
  }

  subscribers(): readonly Subscriber[] {
    return this.#state.list(subscriberKind, this.#tenant).map(({ value }) => value);
  }

  async putSubscriber(value: Subscriber): Promise<void> {
    await this.#state.put(subscriberKind, this.#tenant, value.id, value);
  }

  async removeSubscriber(id: string): Promise<void> {
    await this.#state.delete(subscriberKind, this.#tenant, id);
  }
}

/** Twelve random letters and digits. */
export function publicId(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  return [...randomBytes(12)].map((byte) => letters[byte % 32]).join('');
}
