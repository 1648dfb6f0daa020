import type { StateStore, StateWrite } from '../../journal/index.ts';
import { endOf, type Incident, isFiring } from './incident.ts';
import { bytesOfIncident } from './size.ts';
import type { IncidentsStep, IncidentsView } from './step.ts';
import { counterKind, crowdKind, incidentKind, incidentOf, storedIncident } from './stored.ts';

/** Of those that are over: how many are kept at most, how many alerts of them, and how many bytes. */
const MOST_CLOSED = 5000;
const MOST_CLOSED_MEMBERS = 20_000;
const MOST_CLOSED_BYTES = 100_000_000;
const COUNTER_KEY = 'next';
/** Fingerprints in one value of the state, which takes a megabyte of each. */
const CROWD_AT_ONCE = 10_000;

/** What is to be written of the alerts that an incident only counts, and how many values name them then. */
interface CrowdOnDisk {
  readonly id: string;
  readonly values: number;
  readonly writes: readonly StateWrite[];
}

/** Incidents on disk and in memory. */
export class IncidentBook implements IncidentsView {
  readonly #state: StateStore;
  readonly #tenant: string;
  readonly #incidents = new Map<string, Incident>();
  readonly #open = new Map<string, Incident>();
  /** Fingerprint to the incident that it is part of. */
  readonly #of = new Map<string, string>();
  /** Fingerprints of alerts that fire and that their incident has no room for. */
  readonly #beyond = new Map<string, string>();
  /** How many of them each incident has. */
  readonly #crowds = new Map<string, number>();
  /** How many values on disk name them, of incidents that were resolved meanwhile. */
  readonly #stored = new Map<string, number>();
  next = 1;

  constructor(state: StateStore, tenant: string) {
    this.#state = state;
    this.#tenant = tenant;
  }

  load(): void {
    const { value } = this.#state.get(counterKind, this.#tenant, COUNTER_KEY) ?? { value: { next: 1 } };
    this.next = value.next;
    const all = this.#state.list(incidentKind, this.#tenant).map((one) => incidentOf(one.value));
    const began = new Map<string, number>();
    for (const incident of all) {
      this.#remember(incident);
      this.next = Math.max(this.next, Number(incident.id) + 1);
      // Where an alert was part of several, it belongs to the one where it fires, else where it fired last.
      for (const member of incident.members) {
        const rank = isFiring(member) ? Number.POSITIVE_INFINITY : member.lastBeganAt;
        if (rank < (began.get(member.fingerprint) ?? 0)) continue;
        began.set(member.fingerprint, rank);
        this.#of.set(member.fingerprint, incident.id);
      }
    }
    this.#loadCrowds();
  }

  /** Another incident that an alert joined since, and fires in, has it. */
  #loadCrowds(): void {
    this.#stored.clear();
    for (const { key, value } of this.#state.list(crowdKind, this.#tenant)) {
      const id = key.split('.', 1)[0] ?? '';
      this.#stored.set(id, (this.#stored.get(id) ?? 0) + 1);
      for (const fingerprint of value.fingerprints) {
        const other = this.get(this.#of.get(fingerprint) ?? '');
        const isTaken = other?.members.some((one) => one.fingerprint === fingerprint && isFiring(one));
        if (isTaken !== true) this.#crowd(fingerprint, id);
      }
    }
  }

  get(id: string): Incident | undefined {
    return this.#incidents.get(id);
  }

  open(): readonly Incident[] {
    return [...this.#open.values()].sort((a, b) => Number(a.id) - Number(b.id));
  }

  idOf(fingerprint: string): string | undefined {
    return this.#beyond.get(fingerprint) ?? this.#of.get(fingerprint);
  }

  /** Newest first. */
  all(): readonly Incident[] {
    return [...this.#incidents.values()].sort((a, b) => Number(b.id) - Number(a.id));
  }

  /** How many alerts belong to an incident beyond those that it names. */
  beyond(id: string): number {
    return this.#crowds.get(id) ?? 0;
  }

  /** Whether an alert is among those that its incident does not name. */
  isCounted(fingerprint: string): boolean {
    return this.#beyond.has(fingerprint);
  }

  /** An alert that no incident names has ended. */
  forget(fingerprint: string): void {
    const id = this.#beyond.get(fingerprint);
    if (id === undefined) return;
    this.#beyond.delete(fingerprint);
    const left = this.beyond(id) - 1;
    if (left > 0) this.#crowds.set(id, left);
    else this.#crowds.delete(id);
  }

  /** Alerts that no incident names, by fingerprint. */
  crowd(): readonly string[] {
    return [...this.#beyond.keys()];
  }

  /** Resolves when a step is durable; then it is true. */
  async apply({ changed, next, moved, beyond }: IncidentsStep): Promise<void> {
    const writes: StateWrite[] = [...changed.values()].map((incident) => ({
      kind: incidentKind,
      tenant: this.#tenant,
      key: incident.id,
      value: storedIncident(incident),
    }));
    if (next !== this.next)
      writes.push({ kind: counterKind, tenant: this.#tenant, key: COUNTER_KEY, value: { next } });
    const crowds = [...changed.values()].flatMap((incident) => this.#crowdOnDisk(incident));
    for (const { writes: own } of crowds) writes.push(...own);
    if (writes.length > 0) await this.#state.write(writes);
    this.next = next;
    for (const incident of changed.values()) this.#remember(incident);
    for (const { id, values } of crowds) this.#stored.set(id, values);
    for (const [fingerprint, id] of moved) {
      this.#of.set(fingerprint, id);
      this.forget(fingerprint);
    }
    for (const [fingerprint, id] of beyond) this.#crowd(fingerprint, id);
  }

  #crowd(fingerprint: string, id: string): void {
    this.forget(fingerprint);
    this.#beyond.set(fingerprint, id);
    this.#crowds.set(id, this.beyond(id) + 1);
  }

  /** What an incident that ends, or goes on, makes of what is on disk of those that it counts; nothing of any other. */
  #crowdOnDisk({ id, phase }: Incident): readonly CrowdOnDisk[] {
    const isOver = phase.kind === 'resolved';
    if (isOver && this.get(id)?.phase.kind === 'resolved') return [];
    const hasCrowd = isOver && this.beyond(id) > 0;
    const fingerprints = hasCrowd ? this.crowd().filter((one) => this.#beyond.get(one) === id) : [];
    const values = Math.ceil(fingerprints.length / CROWD_AT_ONCE);
    const before = this.#stored.get(id) ?? 0;
    const writes = Array.from({ length: Math.max(values, before) }, (_, i): StateWrite => {
      const some = fingerprints.slice(i * CROWD_AT_ONCE, (i + 1) * CROWD_AT_ONCE);
      return {
        kind: crowdKind,
        tenant: this.#tenant,
        key: `${id}.${i}`,
        value: some.length === 0 ? undefined : { fingerprints: some },
      };
    });
    return writes.length === 0 ? [] : [{ id, values, writes }];
  }

  #remember(incident: Incident): void {
    this.#incidents.set(incident.id, incident);
    if (incident.phase.kind === 'open') this.#open.set(incident.id, incident);
    else this.#open.delete(incident.id);
  }

  /** Removes what was over long ago, and the oldest of too many. What an alert still fires of stays. */
  async clean(before: number): Promise<number> {
    let kept = 0;
    let members = 0;
    let bytes = 0;
    const gone = this.all().filter((incident) => {
      const end = endOf(incident);
      if (end === null || incident.members.some(isFiring) || this.beyond(incident.id) > 0) return false;
      kept++;
      members += incident.members.length;
      bytes += bytesOfIncident(incident);
      return end < before || kept > MOST_CLOSED || members > MOST_CLOSED_MEMBERS || bytes > MOST_CLOSED_BYTES;
    });
    if (gone.length === 0) return 0;
    const tenant = this.#tenant;
    await this.#state.write(
      gone.flatMap(({ id }): readonly StateWrite[] => [
        { kind: incidentKind, tenant, key: id, value: undefined },
        ...Array.from({ length: this.#stored.get(id) ?? 0 }, (_, i) => ({
          kind: crowdKind,
          tenant,
          key: `${id}.${i}`,
          value: undefined,
        })),
      ]),
    );
    for (const { id } of gone) {
      this.#incidents.delete(id);
      this.#stored.delete(id);
    }
    for (const [fingerprint, id] of this.#of) if (!this.#incidents.has(id)) this.#of.delete(fingerprint);
    return gone.length;
  }
}
