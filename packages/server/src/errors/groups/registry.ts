import { z } from 'zod';
import type { StateKind, StateStore, StateWrite } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { errorsErrors } from '../errors.ts';
import type { ErrorEvent } from '../event.ts';
import { type Fingerprint, fingerprintOf, GROUPING_VERSION } from '../grouping/fingerprint.ts';
import type { StoredError } from '../store/chunk.ts';
import type { ErrorsTelemetry } from '../telemetry.ts';
import { ErrorGroup, groupKind } from './group.ts';
import { type GroupEffect, type GroupInput, stepGroup } from './state.ts';

/** What happened to a group, for rules, streams and metrics. */
export interface GroupSignal {
  readonly kind: 'new' | GroupEffect;
  readonly tenant: string;
  readonly group: ErrorGroup;
  /** Epoch ms. */
  readonly at: number;
  /** Who did it; empty for what happened by itself. */
  readonly by: string;
}

export interface RegistryDeps {
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: () => ErrorsTelemetry;
  readonly maxGroups: number;
  /** A group without an event for so long is forgotten, ms: its events are gone too. */
  readonly keepMs: number;
}

const SAVE_EVERY_MS = 15_000;
const TICK_EVERY_MS = 5_000;
const MOST_RELEASES = 100;

const markerKind: StateKind<{ readonly applied: number }> = {
  name: 'errors.applied',
  version: 1,
  schema: z.object({ applied: z.number() }),
};
const MARKER_TENANT = 'default';
const MARKER_KEY = 'sequence';

/** Where errors go whose own group would be one too many. */
const OVERFLOW: Fingerprint = {
  hash: `0${'f'.repeat(31)}`,
  version: GROUPING_VERSION,
  parts: ['further errors: there are too many groups'],
};

/**
 * Every group of every tenant, in memory. What is decided and what is new is durable at once, counts every 15 s; a start counts the errors after
 * them again (`applied`), so that each counts once.
 */
export class GroupRegistry {
  readonly #deps: RegistryDeps;
  readonly #tenants = new Map<string, Map<string, ErrorGroup>>();
  readonly #listeners = new Set<(signal: GroupSignal) => void>();
  readonly #dirty = new Map<string, { readonly tenant: string; readonly id: string }>();
  readonly #urgent = new Map<string, { readonly tenant: string; readonly id: string }>();
  readonly #timers: Timer[] = [];
  #applied = 0;
  #saving: Promise<void> = Promise.resolve();
  #hurry: Timer | null = null;

  constructor(deps: RegistryDeps) {
    this.#deps = deps;
  }

  get size(): number {
    let size = 0;
    for (const groups of this.#tenants.values()) size += groups.size;
    return size;
  }

  /** What is durable, back into memory; returns the sequence after which errors must be counted again. */
  load(): number {
    const { state } = this.#deps;
    for (const tenant of state.tenants(groupKind)) {
      const groups = this.#of(tenant);
      for (const { value } of state.list(groupKind, tenant)) groups.set(value.id, ErrorGroup.load(value));
    }
    this.#applied = state.get(markerKind, MARKER_TENANT, MARKER_KEY)?.value.applied ?? 0;
    return this.#applied;
  }

  start(): void {
    const { clock } = this.#deps;
    this.#timers.push(
      clock.every(SAVE_EVERY_MS, () => void this.save()),
      clock.every(TICK_EVERY_MS, () => this.#tick()),
    );
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers.splice(0)) timer.cancel();
    this.#hurry?.cancel();
    await this.save();
  }

  onSignal(listener: (signal: GroupSignal) => void): void {
    this.#listeners.add(listener);
  }

  /** The group an event belongs to; `fresh` are the new ones of the same batch. */
  assign(
    tenant: string,
    event: ErrorEvent,
    fresh: Set<string>,
  ): { readonly group: string; readonly parts: readonly string[] } {
    const groups = this.#of(tenant);
    let { hash, parts } = fingerprintOf(event);
    if (!groups.has(idOf(hash)) && !fresh.has(idOf(hash))) {
      if (groups.size + fresh.size >= this.#deps.maxGroups) ({ hash, parts } = OVERFLOW);
      else fresh.add(idOf(hash));
    }
    return { group: idOf(hash), parts };
  }

  /** Counts an error that became durable; those that are counted already, by their sequence, are left out. Quiet for those of an earlier process. */
  apply(tenant: string, { group: id, parts, event, sequence }: StoredError, quiet = false): void {
    const groups = this.#of(tenant);
    let group = groups.get(id);
    const isNew = group === undefined;
    if (group === undefined) groups.set(id, (group = new ErrorGroup(id, parts)));
    this.#applied = Math.max(this.#applied, sequence);
    if (sequence <= group.applied) return;
    group.add(event, sequence);
    this.#dirty.set(`${tenant}\u0000${id}`, { tenant, id });
    const { time, release } = event;
    const effect = this.#step(group, { kind: 'event', time, release, count: group.count }, time, '');
    if (quiet) return;
    if (isNew) this.#tell({ kind: 'new', tenant, group, at: time, by: '' });
    else if (effect !== null) this.#tell({ kind: effect, tenant, group, at: time, by: '' });
    if (isNew || effect !== null) this.#soon(tenant, id);
  }

  list(tenant: string): readonly ErrorGroup[] {
    return [...(this.#tenants.get(tenant)?.values() ?? [])];
  }

  find(tenant: string, id: string): ErrorGroup | undefined {
    return this.#tenants.get(tenant)?.get(id);
  }

  /** Releases that a group's services have had errors in. */
  releasesOf(tenant: string, group: ErrorGroup): readonly string[] {
    const names = new Set<string>();
    for (const other of this.list(tenant)) {
      if (![...group.services.keys()].some((service) => other.services.has(service))) continue;
      for (const name of other.releases.keys()) if (names.size < MOST_RELEASES) names.add(name);
    }
    return [...names];
  }

  /** Carries out what a person decided; durable when it resolves. Rejects with unknownGroup, or as the state does. */
  async command(tenant: string, id: string, input: Extract<GroupInput, { by: string }>): Promise<ErrorGroup> {
    const group = this.find(tenant, id);
    if (group === undefined)
      throw errorsErrors.make('unknownGroup', `there is no group ${JSON.stringify(id)}`);
    const before = { state: group.state, audit: group.audit };
    const effect = this.#step(group, input, input.at, input.by);
    if (effect === null) return group;
    try {
      await this.#deps.state.put(groupKind, tenant, id, group.save());
    } catch (error) {
      Object.assign(group, before);
      throw error;
    }
    this.#tell({ kind: effect, tenant, group, at: input.at, by: input.by });
    return group;
  }

  /** Makes everything durable; what the state refuses is tried again. Never rejects. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#saveAll());
    return this.#saving;
  }

  async #saveAll(): Promise<void> {
    if (this.#dirty.size === 0) return;
    const dirty = [...this.#dirty];
    const applied = this.#applied;
    this.#dirty.clear();
    const marker = { kind: markerKind, tenant: MARKER_TENANT, key: MARKER_KEY, value: { applied } };
    await this.#write([...this.#writesOf(dirty.map(([, place]) => place)), marker], () => {
      for (const [key, place] of dirty) this.#dirty.set(key, place);
    });
  }

  #writesOf(places: readonly { readonly tenant: string; readonly id: string }[]): StateWrite[] {
    return places.flatMap(({ tenant, id }) => {
      const group = this.find(tenant, id);
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

  /** Saves a group within a moment, with all others that hurry: the marker stays, so that their errors are read again and left out. */
  #soon(tenant: string, id: string): void {
    this.#urgent.set(`${tenant}\u0000${id}`, { tenant, id });
    this.#hurry ??= this.#deps.clock.after(250, () => {
      this.#hurry = null;
      const places = [...this.#urgent.values()];
      this.#urgent.clear();
      this.#saving = this.#saving.then(() => this.#write(this.#writesOf(places), () => {}));
    });
  }

  #step(group: ErrorGroup, input: GroupInput, at: number, by: string): GroupEffect | null {
    const { state, effect } = stepGroup(group.state, input);
    group.state = state;
    if (effect !== null) group.note({ at, by, action: effect, detail: detailOf(input) });
    return effect;
  }

  #tell(signal: GroupSignal): void {
    this.#deps.telemetry().signals.inc({ signal: signal.kind });
    for (const listener of this.#listeners) listener(signal);
  }

  /** Groups whose time to be ignored is over are open again; those nobody has seen for too long go. */
  #tick(): void {
    const now = this.#deps.clock.now();
    for (const [tenant, groups] of this.#tenants)
      for (const group of groups.values()) {
        if (now - group.lastSeen > this.#deps.keepMs) this.#forget(tenant, groups, group.id);
        else if (group.state.status === 'ignored') {
          const effect = this.#step(group, { kind: 'tick', now }, now, '');
          if (effect === null) continue;
          this.#dirty.set(`${tenant}\u0000${group.id}`, { tenant, id: group.id });
          this.#tell({ kind: effect, tenant, group, at: now, by: '' });
          this.#soon(tenant, group.id);
        }
      }
  }

  #forget(tenant: string, groups: Map<string, ErrorGroup>, id: string): void {
    groups.delete(id);
    this.#dirty.delete(`${tenant}\u0000${id}`);
    this.#deps.state.delete(groupKind, tenant, id).catch((error: unknown) => {
      this.#deps.log.warn(
        { err: error },
        'a group of errors could not be forgotten; it is tried again after a restart',
      );
    });
  }

  #of(tenant: string): Map<string, ErrorGroup> {
    let groups = this.#tenants.get(tenant);
    if (groups === undefined) this.#tenants.set(tenant, (groups = new Map<string, ErrorGroup>()));
    return groups;
  }
}

function idOf(hash: string): string {
  return hash.slice(0, 16);
}

function detailOf(input: GroupInput): string {
  switch (input.kind) {
    case 'event':
      return input.release === '' ? '' : `release ${input.release}`;
    case 'resolve':
      if (input.after !== undefined) return 'in the next release';
      return input.release === undefined ? '' : `in release ${input.release}`;
    case 'ignore':
      if (input.until !== undefined) return `until ${new Date(input.until).toISOString()}`;
      return input.untilCount === undefined ? '' : `until there are ${input.untilCount} events`;
    case 'tick':
    case 'reopen':
      return '';
  }
}
