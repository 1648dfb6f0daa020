import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type StateKind, type StateStore, stateErrors } from '../journal/index.ts';
import { type ProbeDefinition, probeDefinition } from './definition.ts';
import { probeErrors } from './errors.ts';
import { type MaintenanceWindow, maintenanceWindow } from './maintenance.ts';

/** A probe made over the API. */
export interface StoredProbe {
  readonly id: string;
  readonly definition: ProbeDefinition;
  /** Rises with every change; what a change was made on. */
  readonly version: number;
}

/** What outlives a restart of what a probe has seen. Times in epoch ms. */
const memory = z.strictObject({
  status: z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']),
  since: z.number(),
  reason: z.string(),
  failures: z.array(z.strictObject({ at: z.number(), reason: z.string() })),
});

export type ProbeMemory = z.output<typeof memory>;

const probeKind: StateKind<ProbeDefinition> = { name: 'probes.probe', version: 1, schema: probeDefinition };
const memoryKind: StateKind<ProbeMemory> = { name: 'probes.memory', version: 1, schema: memory };
/** When a heartbeat was heard of last, epoch ms. */
const heardKind: StateKind<number> = { name: 'probes.heard', version: 1, schema: z.number() };
const tokenKind: StateKind<string> = { name: 'probes.token', version: 1, schema: z.string().min(20) };

const windowKind: StateKind<MaintenanceWindow> = {
  name: 'probes.maintenance',
  version: 1,
  schema: maintenanceWindow,
};

/** 72 random bits. */
const randomId = (): string => randomBytes(9).toString('base64url');

const MOST_PROBES = 20_000;
const MOST_WINDOWS = 1000;

export interface StoredWindow {
  readonly id: string;
  readonly window: MaintenanceWindow;
  readonly version: number;
}

/** Probes, what they remember, and the tokens of heartbeats, durable in the StateStore. */
export class ProbeStore {
  readonly #state: StateStore;
  readonly #newId: () => string;

  /** `newId` makes ids that nobody has; when in its interval a probe looks follows from its id. */
  constructor(state: StateStore, newId: () => string = randomId) {
    this.#state = state;
    this.#newId = newId;
  }

  tenants(): readonly string[] {
    return this.#state.tenants(probeKind);
  }

  list(tenant: string): readonly StoredProbe[] {
    return this.#state
      .list(probeKind, tenant)
      .map(({ key, value, version }) => ({ id: key, definition: value, version }));
  }

  async create(tenant: string, definition: ProbeDefinition): Promise<StoredProbe> {
    if (this.#state.list(probeKind, tenant).length >= MOST_PROBES)
      throw probeErrors.make('tooMany', `there are ${MOST_PROBES} probes already`);
    const id = this.#newId();
    const { version } = await this.#state.put(probeKind, tenant, id, definition, { expected: 'absent' });
    return { id, definition, version };
  }

  /** `expected` is the version the change was made on; whatever is there when absent. */
  async replace(
    tenant: string,
    id: string,
    definition: ProbeDefinition,
    expected?: number,
  ): Promise<StoredProbe> {
    const present = this.#state.get(probeKind, tenant, id);
    if (present === undefined) throw unknownProbe(id);
    try {
      const { version } = await this.#state.put(probeKind, tenant, id, definition, {
        expected: expected ?? present.version,
      });
      return { id, definition, version };
    } catch (error) {
      if (!stateErrors.is(error, 'conflict')) throw error;
      throw probeErrors.make(
        'conflict',
        `the probe "${present.value.name}" was changed meanwhile (version ${present.version}, not ${expected})`,
      );
    }
  }

  async remove(tenant: string, id: string): Promise<void> {
    for (const kind of [probeKind, memoryKind, heardKind, tokenKind])
      await this.#state.delete(kind, tenant, id);
  }

  windows(tenant: string): readonly StoredWindow[] {
    return this.#state
      .list(windowKind, tenant)
      .map(({ key, value, version }) => ({ id: key, window: value, version }));
  }

  async createWindow(tenant: string, window: MaintenanceWindow): Promise<StoredWindow> {
    if (this.#state.list(windowKind, tenant).length >= MOST_WINDOWS)
      throw probeErrors.make('tooMany', `there are ${MOST_WINDOWS} maintenance windows already`);
    const id = this.#newId();
    const { version } = await this.#state.put(windowKind, tenant, id, window, { expected: 'absent' });
    return { id, window, version };
  }

  /** `expected` as in {@link ProbeStore.replace}. */
  async replaceWindow(
    tenant: string,
    id: string,
    window: MaintenanceWindow,
    expected?: number,
  ): Promise<StoredWindow> {
    const present = this.#state.get(windowKind, tenant, id);
    if (present === undefined) throw unknownWindow(id);
    try {
      const { version } = await this.#state.put(windowKind, tenant, id, window, {
        expected: expected ?? present.version,
      });
      return { id, window, version };
    } catch (error) {
      if (!stateErrors.is(error, 'conflict')) throw error;
      throw probeErrors.make('conflict', `the window "${present.value.title}" was changed meanwhile`);
    }
  }

  async removeWindow(tenant: string, id: string): Promise<void> {
    await this.#state.delete(windowKind, tenant, id);
  }

  remembered(tenant: string, id: string): ProbeMemory | undefined {
    return this.#state.get(memoryKind, tenant, id)?.value;
  }

  /** Forgets what removed probes saw. */
  async forgetOthers(tenant: string, isKept: (id: string) => boolean): Promise<void> {
    for (const kind of [memoryKind, heardKind])
      for (const { key } of this.#state.list<unknown>(kind, tenant))
        if (!isKept(key)) await this.#state.delete(kind, tenant, key);
  }

  heard(tenant: string, id: string): number | undefined {
    return this.#state.get(heardKind, tenant, id)?.value;
  }

  async hear(tenant: string, id: string, at: number): Promise<void> {
    await this.#state.put(heardKind, tenant, id, at);
  }

  async forgetHeard(tenant: string, id: string): Promise<void> {
    if (this.heard(tenant, id) !== undefined) await this.#state.delete(heardKind, tenant, id);
  }

  async remember(tenant: string, id: string, value: ProbeMemory): Promise<void> {
    await this.#state.put(memoryKind, tenant, id, value);
  }

  /** The secret of a heartbeat's address, made when it is first asked for. */
  async token(tenant: string, id: string): Promise<string> {
    const known = this.#state.get(tokenKind, tenant, id)?.value;
    if (known !== undefined) return known;
    const token = randomBytes(24).toString('base64url');
    await this.#state.put(tokenKind, tenant, id, token);
    return token;
  }
}

export function unknownWindow(id: string): Error {
  return probeErrors.make('unknown', `there is no maintenance window "${id.slice(0, 100)}"`);
}

export function unknownProbe(id: string): Error {
  return probeErrors.make('unknown', `there is no probe "${id.slice(0, 100)}"`);
}
