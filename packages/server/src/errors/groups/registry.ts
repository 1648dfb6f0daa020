import type { StateStore } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { errorsErrors } from '../errors.ts';
import type { ErrorEvent } from '../event.ts';
import { type Fingerprint, fingerprintOf, GROUPING_VERSION } from '../grouping/fingerprint.ts';
import type { StoredError } from '../store/chunk.ts';
import type { ErrorsTelemetry } from '../telemetry.ts';
import { ErrorGroup, groupKind, MOST_MERGED } from './group.ts';
import { releasesIn } from './releases.ts';
import { roomFor, serviceOf } from './room.ts';
import { GroupSaver } from './saver.ts';
import { detailOf, type GroupEffect, type GroupInput, stepGroup } from './state.ts';

/** What happened to a group, for rules, streams and metrics. */
export interface GroupSignal {
  readonly kind: 'new' | 'merged' | GroupEffect;
  readonly tenant: string;
  readonly group: ErrorGroup;
  /** Epoch ms. */
  readonly at: number;
  /** Who did it; empty for what happened by itself. */
  readonly by: string;
}

/** Of errors that become durable together: what is decided of their groups, and not carried out before that. */
export class GroupBatch {
  /** By id of a new group the service that brought it. */
  readonly fresh = new Map<string, string>();
  /** Ids of known groups that have errors in it. */
  readonly known = new Set<string>();
  /** By id why a group gives way. */
  readonly giving = new Map<string, 'resolved' | 'idle' | 'share'>();
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

const TICK_EVERY_MS = 5_000;
/** A service for whose groups there is no room is looked for anew after so long. */
const NO_ROOM_MS = 5_000;

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
  readonly #saver: GroupSaver;
  readonly #tenants = new Map<string, Map<string, ErrorGroup>>();
  /** By tenant and id of a group that became part of another one: that other one's id. */
  readonly #partOf = new Map<string, Map<string, string>>();
  readonly #listeners = new Set<(signal: GroupSignal) => void>();
  /** By tenant and service: why its new groups find no room, and until when that is known, monotonic ms. */
  readonly #noRoom = new Map<string, { readonly because: 'service' | 'tenant'; readonly until: number }>();
  /** By tenant: services that have groups, where nobody gives way to any other one. Until when is known as above. */
  readonly #full = new Map<string, { readonly services: ReadonlySet<string>; readonly until: number }>();
  #ticking: Timer | null = null;
  #applied = 0;

  constructor(deps: RegistryDeps) {
    this.#deps = deps;
    this.#saver = new GroupSaver({
      ...deps,
      groupOf: (tenant, id) => this.#tenants.get(tenant)?.get(id),
      applied: () => this.#applied,
    });
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
      for (const group of groups.values()) this.#take(tenant, group);
    }
    this.#applied = this.#saver.load();
    return this.#applied;
  }

  start(): void {
    this.#saver.start();
    this.#ticking = this.#deps.clock.every(TICK_EVERY_MS, () => this.#tick());
  }

  async stop(): Promise<void> {
    this.#ticking?.cancel();
    await this.#saver.stop();
  }

  /** Makes everything durable; what the state refuses is tried again. Never rejects. */
  save(): Promise<void> {
    return this.#saver.save();
  }

  onSignal(listener: (signal: GroupSignal) => void): void {
    this.#listeners.add(listener);
  }

  /** The group an event belongs to. What gives way to it goes with `settle`. */
  assign(
    tenant: string,
    event: ErrorEvent,
    batch: GroupBatch,
  ): { readonly group: string; readonly parts: readonly string[] } {
    const groups = this.#of(tenant);
    const { hash, parts } = fingerprintOf(event);
    const id = this.currentId(tenant, idOf(hash));
    const { fresh, known, giving } = batch;
    if (groups.has(id) && !giving.has(id)) known.add(id);
    else if (!fresh.has(id)) {
      const count = groups.size - giving.size + fresh.size;
      if (count >= this.#deps.maxGroups && !this.#makeRoom(tenant, event.service, batch))
        return { group: idOf(OVERFLOW.hash), parts: OVERFLOW.parts };
      fresh.set(id, event.service);
    }
    return { group: id, parts };
  }

  /** Lets go of what gave way to a batch that is durable now. */
  settle(tenant: string, { fresh, giving }: GroupBatch): void {
    const groups = this.#of(tenant);
    for (const [id, because] of giving) {
      const group = groups.get(id);
      // One that gave way may have been asked for again by a later error of the batch.
      if (group === undefined || fresh.has(id)) continue;
      this.#forget(tenant, groups, group);
      this.#deps.telemetry().evicted.inc({ reason: because });
    }
  }

  /** Lets a group give way to a new one of a service. */
  #makeRoom(tenant: string, service: string, { fresh, known: spared, giving }: GroupBatch): boolean {
    const { clock, maxGroups, telemetry } = this.#deps;
    const key = `${tenant}\u0000${service}`;
    const known = this.#noRoom.get(key);
    if (known !== undefined && clock.monotonic() < known.until) {
      telemetry().ungrouped.inc({ reason: known.because });
      return false;
    }
    // What holds for one service without a group holds for all of them, and each error may have a new name.
    const full = this.#full.get(tenant);
    if (full !== undefined && clock.monotonic() < full.until && !full.services.has(service)) {
      telemetry().ungrouped.inc({ reason: 'tenant' });
      return false;
    }
    const groups = this.#of(tenant);
    const room = roomFor({
      groups: [...groups.values()].filter(({ id }) => id !== idOf(OVERFLOW.hash) && !giving.has(id)),
      spared,
      coming: fresh.values(),
      service,
      most: maxGroups,
      now: clock.now(),
    });
    if (room.gives === null) {
      const until = clock.monotonic() + NO_ROOM_MS;
      const services = new Set([...fresh.values(), ...[...groups.values()].map(serviceOf)]);
      if (services.has(service)) this.#noRoom.set(key, { because: room.because, until });
      else this.#full.set(tenant, { services, until });
      telemetry().ungrouped.inc({ reason: room.because });
      return false;
    }
    giving.set(room.gives.id, room.because);
    return true;
  }

  /** Counts an error that became durable; those that are counted already, by their sequence, are left out. Quiet for those of an earlier process. */
  apply(tenant: string, { group: stored, parts, event, sequence }: StoredError, quiet = false): void {
    const groups = this.#of(tenant);
    const id = this.currentId(tenant, stored);
    let group = groups.get(id);
    const isNew = group === undefined;
    if (group === undefined) groups.set(id, (group = new ErrorGroup(id, parts)));
    this.#applied = Math.max(this.#applied, sequence);
    if (sequence <= group.applied) return;
    group.add(event, sequence);
    this.#saver.mark(tenant, id);
    const { time, release } = event;
    const effect = this.#step(group, { kind: 'event', time, release, count: group.count }, time, '');
    if (quiet) return;
    if (isNew) this.#tell({ kind: 'new', tenant, group, at: time, by: '' });
    else if (effect !== null) this.#tell({ kind: effect, tenant, group, at: time, by: '' });
    if (isNew || effect !== null) this.#saver.soon(tenant, id);
  }

  list(tenant: string): readonly ErrorGroup[] {
    return [...(this.#tenants.get(tenant)?.values() ?? [])];
  }

  /** The group of an id, also where that became part of another one. */
  find(tenant: string, id: string): ErrorGroup | undefined {
    return this.#tenants.get(tenant)?.get(this.currentId(tenant, id));
  }

  /** The id of the group that a group is part of now; its own where it was never merged. */
  currentId(tenant: string, id: string): string {
    return this.#partOf.get(tenant)?.get(id) ?? id;
  }

  /** Every id under which events of a group are stored. */
  idsOf(tenant: string, id: string): readonly string[] {
    const group = this.find(tenant, id);
    return group === undefined ? [id] : [group.id, ...group.merged];
  }

  /** Releases that a group's services have had errors in, those that were seen last first. */
  releasesOf(tenant: string, group: ErrorGroup): readonly string[] {
    return releasesIn(group, this.list(tenant));
  }

  /** Carries out what a person decided; durable when it resolves. Rejects with unknownGroup, or as the state does. */
  command(tenant: string, id: string, input: Extract<GroupInput, { by: string }>): Promise<ErrorGroup> {
    return this.#saver.alone(async () => {
      const group = this.#known(tenant, id);
      const before = group.state;
      const effect = this.#step(group, input, input.at, input.by);
      if (effect === null) return group;
      const decided = group.state;
      const [entry] = group.audit.slice(-1);
      try {
        await this.#deps.state.put(groupKind, tenant, group.id, group.save());
      } catch (error) {
        // What happened meanwhile stands.
        if (group.state === decided) group.state = before;
        group.audit = group.audit.filter((one) => one !== entry);
        throw error;
      }
      this.#tell({ kind: effect, tenant, group, at: input.at, by: input.by });
      return group;
    });
  }

  /**
   * Makes groups part of one: what they counted is added to it, and what would come into them comes into it from now on. Durable when it
   * resolves. Rejects with unknownGroup or tooManyMerged, or as the state does: then all of them are as they were.
   */
  merge(
    tenant: string,
    id: string,
    others: readonly string[],
    who: { readonly at: number; readonly by: string },
  ): Promise<ErrorGroup> {
    return this.#saver.alone(async () => {
      const group = this.#known(tenant, id);
      const parts = new Set(others.map((other) => this.#known(tenant, other)));
      parts.delete(group);
      if (parts.size === 0) return group;
      const merged = [...parts].reduce((sum, part) => sum + 1 + part.merged.length, group.merged.length);
      if (merged > MOST_MERGED)
        throw errorsErrors.make(
          'tooManyMerged',
          `the group would be made of ${merged + 1} groups, expected at most ${MOST_MERGED + 1}`,
        );
      // A copy: what comes while it is written is counted in the groups as they are, and taken over with them.
      const written = ErrorGroup.load(group.save());
      this.#absorb(written, parts, who);
      await this.#deps.state.write([
        ...[...parts].map((part) => ({ kind: groupKind, tenant, key: part.id, value: undefined })),
        { kind: groupKind, tenant, key: group.id, value: written.save() },
      ]);
      this.#absorb(group, parts, who);
      this.#take(tenant, group);
      this.#saver.mark(tenant, group.id);
      this.#tell({ kind: 'merged', tenant, group, ...who });
      return group;
    });
  }

  #absorb(
    group: ErrorGroup,
    parts: ReadonlySet<ErrorGroup>,
    who: { readonly at: number; readonly by: string },
  ): void {
    for (const part of parts) {
      group.absorb(part);
      group.note({ ...who, action: 'merged', detail: `${part.id} ${part.name} (${part.count})` });
    }
    // Whatever became durable so far is counted in one of them.
    group.applied = this.#applied;
  }

  /** Groups that are part of another one are no groups of their own. */
  #take(tenant: string, group: ErrorGroup): void {
    if (group.merged.length === 0) return;
    let parts = this.#partOf.get(tenant);
    if (parts === undefined) this.#partOf.set(tenant, (parts = new Map<string, string>()));
    for (const id of group.merged) {
      parts.set(id, group.id);
      this.#tenants.get(tenant)?.delete(id);
      this.#saver.forget(tenant, id);
    }
  }

  #known(tenant: string, id: string): ErrorGroup {
    const group = this.find(tenant, id);
    if (group !== undefined) return group;
    throw errorsErrors.make('unknownGroup', `there is no group ${JSON.stringify(id)}`);
  }

  #step(group: ErrorGroup, input: GroupInput, at: number, by: string): GroupEffect | null {
    const { state, effect } = stepGroup(group.state, input);
    group.state = state;
    if (effect !== null) group.note({ at, by, action: effect, detail: detailOf(input) });
    return effect;
  }

  #tell(signal: GroupSignal): void {
    for (const listener of this.#listeners) listener(signal);
  }

  /** Groups whose time to be ignored is over are open again; those nobody has seen for too long go. */
  #tick(): void {
    const now = this.#deps.clock.now();
    this.#noRoom.clear();
    this.#full.clear();
    for (const [tenant, groups] of this.#tenants)
      for (const group of groups.values()) {
        if (now - group.lastSeen > this.#deps.keepMs) this.#forget(tenant, groups, group);
        else if (group.state.status === 'ignored') {
          const effect = this.#step(group, { kind: 'tick', now }, now, '');
          if (effect === null) continue;
          this.#tell({ kind: effect, tenant, group, at: now, by: '' });
          this.#saver.soon(tenant, group.id);
        }
      }
  }

  #forget(tenant: string, groups: Map<string, ErrorGroup>, { id, merged }: ErrorGroup): void {
    groups.delete(id);
    for (const part of merged) this.#partOf.get(tenant)?.delete(part);
    this.#saver.forget(tenant, id);
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
