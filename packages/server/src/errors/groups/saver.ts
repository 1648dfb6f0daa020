import { z } from 'zod';
import type { StateKind, StateStore, StateWrite } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { ErrorsTelemetry } from '../telemetry.ts';
import { type ErrorGroup, groupKind } from './group.ts';

export interface SaverDeps {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: () => ErrorsTelemetry;
  readonly groupOf: (tenant: string, id: string) => ErrorGroup | undefined;
  /** The sequence of the last error that is counted in any group. */
  readonly applied: () => number;
}

interface Place {
  readonly tenant: string;
  readonly id: string;
}

const SAVE_EVERY_MS = 15_000;
const HURRY_MS = 250;

const markerKind: StateKind<{ readonly applied: number }> = {
  name: 'errors.applied',
  version: 1,
  schema: z.object({ applied: z.number() }),
};
const MARKER_TENANT = 'default';
const MARKER_KEY = 'sequence';

/** Makes groups durable: what is marked every 15 s, what hurries within a moment, one write after the other. */
export class GroupSaver {
  readonly #deps: SaverDeps;
  #dirty = new Map<string, Place>();
  readonly #urgent = new Map<string, Place>();
  #saving: Promise<void> = Promise.resolve();
  #timer: Timer | null = null;
  #hurry: Timer | null = null;

  constructor(deps: SaverDeps) {
    this.#deps = deps;
  }

  /** The sequence up to which every error is in a saved group. */
  load(): number {
    return this.#deps.state.get(markerKind, MARKER_TENANT, MARKER_KEY)?.value.applied ?? 0;
  }

  start(): void {
    this.#timer = this.#deps.clock.every(SAVE_EVERY_MS, () => void this.save());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#hurry?.cancel();
    await this.save();
  }

  mark(tenant: string, id: string): void {
    this.#dirty.set(keyOf(tenant, id), { tenant, id });
  }

  /** Saves a group within a moment, with all others that hurry: the marker stays, so that their errors are read again and left out. */
  soon(tenant: string, id: string): void {
    this.mark(tenant, id);
    this.#urgent.set(keyOf(tenant, id), { tenant, id });
    this.#hurry ??= this.#deps.clock.after(HURRY_MS, () => {
      this.#hurry = null;
      const places = [...this.#urgent.values()];
      this.#urgent.clear();
      this.#saving = this.#saving.then(() => this.#write(this.#writesOf(places), () => {}));
    });
  }

  /** What is marked of a group is no longer to be saved. */
  forget(tenant: string, id: string): void {
    this.#dirty.delete(keyOf(tenant, id));
    this.#urgent.delete(keyOf(tenant, id));
  }

  /** Makes everything durable; what the state refuses is tried again. Never rejects. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#saveAll());
    return this.#saving;
  }

  /** Does something while no group is being saved. */
  async alone<Made>(work: () => Promise<Made>): Promise<Made> {
    const made = this.#saving.then(work);
    this.#saving = made.then(
      () => {},
      () => {},
    );
    return await made;
  }

  async #saveAll(): Promise<void> {
    if (this.#dirty.size === 0) return;
    const dirty = this.#dirty;
    const applied = this.#deps.applied();
    this.#dirty = new Map();
    const marker = { kind: markerKind, tenant: MARKER_TENANT, key: MARKER_KEY, value: { applied } };
    await this.#write([...this.#writesOf([...dirty.values()]), marker], () => {
      for (const [key, place] of dirty) this.#dirty.set(key, place);
    });
  }

  #writesOf(places: readonly Place[]): StateWrite[] {
    return places.flatMap(({ tenant, id }) => {
      const group = this.#deps.groupOf(tenant, id);
      return group === undefined ? [] : [{ kind: groupKind, tenant, key: id, value: group.save() }];
    });
  }

  async #write(writes: readonly StateWrite[], failed: () => void): Promise<void> {
    const { state, log, telemetry } = this.#deps;
    try {
      await state.write(writes);
    } catch (error) {
      failed();
      telemetry().saveFailures.inc();
      log.warn({ err: error, groups: writes.length }, 'groups of errors are not durable yet');
    }
  }
}

function keyOf(tenant: string, id: string): string {
  return `${tenant}\u0000${id}`;
}
