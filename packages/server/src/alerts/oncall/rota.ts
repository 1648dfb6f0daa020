import { z } from 'zod';
import type { StateKind, StateStore } from '../../journal/index.ts';
import type { Service } from '../../kernel/services.ts';
import { alertErrors } from '../errors.ts';
import type { OnCallConfig } from './config/load.ts';
import { type Override, onCallAt, type Schedule, type Turn } from './schedule/schedule.ts';

const overrideSchema = z.strictObject({
  id: z.string(),
  schedule: z.string(),
  person: z.string(),
  from: z.number(),
  until: z.number(),
  /** Who made it; empty without a login. */
  by: z.string(),
});
type StoredOverride = z.output<typeof overrideSchema>;

/** Who stands in, as said over the API; by id. */
const overrideKind: StateKind<StoredOverride> = {
  name: 'alerts.oncall_override',
  version: 1,
  schema: overrideSchema,
};

/** What somebody wants who changes a turn. Epoch ms. */
export interface WantedOverride {
  readonly schedule: string;
  readonly person: string;
  readonly from: number;
  readonly until: number;
  readonly by: string;
}

export interface RotaDeps {
  readonly state: StateStore;
  readonly tenant: string;
  readonly config: OnCallConfig;
  newId(): string;
}

/** At once, of all schedules; a script that runs wild must not fill the state. */
const MOST_OVERRIDES = 5000;

/** Who is on call: the schedules of the file, with who stands in. */
export class Rota implements Service {
  readonly name = 'alert-rota';
  readonly dependsOn = ['alert-state'];
  readonly #deps: RotaDeps;
  #config: OnCallConfig;
  #overrides: readonly StoredOverride[] = [];

  constructor(deps: RotaDeps) {
    this.#deps = deps;
    this.#config = deps.config;
  }

  start(): void {
    this.#read();
  }

  configure(config: OnCallConfig): void {
    this.#config = config;
  }

  get people(): OnCallConfig['people'] {
    return this.#config.people;
  }

  /** Overrides of the API come last, and so count before those of the file. */
  schedules(): readonly Schedule[] {
    const known = new Set(this.#config.people.map(({ name }) => name));
    return this.#config.schedules.map((one) => ({
      ...one,
      overrides: [
        ...one.overrides,
        // Who left the file cannot be told.
        ...this.#overrides.filter(({ schedule, person }) => schedule === one.name && known.has(person)),
      ],
    }));
  }

  /** Throws `unknownSchedule`. */
  schedule(name: string): Schedule {
    const found = this.schedules().find((one) => one.name === name);
    if (found === undefined) throw alertErrors.make('unknownSchedule', `there is no schedule "${name}"`);
    return found;
  }

  /** Null when nobody is, or there is no such schedule. */
  onCall(name: string, at: number): Turn | null {
    const found = this.schedules().find((one) => one.name === name);
    return found === undefined ? null : onCallAt(found, at);
  }

  /** Resolves when it is durable. Rejects with `unknownSchedule` or `override`. */
  async add(wanted: WantedOverride): Promise<Override> {
    const { state, tenant, newId } = this.#deps;
    this.schedule(wanted.schedule);
    if (!this.#config.people.some(({ name }) => name === wanted.person))
      throw alertErrors.make('override', `there is no person "${wanted.person}"`);
    if (wanted.from >= wanted.until) throw alertErrors.make('override', 'it ends before it begins');
    if (this.#overrides.length >= MOST_OVERRIDES)
      throw alertErrors.make('override', `there are ${MOST_OVERRIDES} overrides already; delete old ones`);
    const stored = { id: newId(), ...wanted };
    await state.put(overrideKind, tenant, stored.id, stored);
    this.#read();
    return stored;
  }

  /** Resolves when it is durable. Rejects with `unknownSchedule`; overrides of the file can only be changed there. */
  async remove(schedule: string, id: string): Promise<void> {
    const { state, tenant } = this.#deps;
    const found = this.#overrides.find((one) => one.id === id && one.schedule === schedule);
    if (found === undefined)
      throw alertErrors.make('unknownSchedule', `schedule "${schedule}" has no override "${id}" of the API`);
    await state.delete(overrideKind, tenant, id);
    this.#read();
  }

  #read(): void {
    const { state, tenant } = this.#deps;
    // The one that was made last counts: ids rise.
    this.#overrides = state
      .list(overrideKind, tenant)
      .toSorted((a, b) => a.updatedAt - b.updatedAt)
      .map(({ value }) => value);
  }
}
