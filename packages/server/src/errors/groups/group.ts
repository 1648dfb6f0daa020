import { z } from 'zod';
import type { StateKind } from '../../journal/index.ts';
import { type ErrorEvent, titleOf } from '../event.ts';
import { GROUPING_VERSION } from '../grouping/fingerprint.ts';
import { ownFrames, placeOf, readablePlace } from '../grouping/places.ts';
import { ERROR_TYPES, SEVERITIES } from '../kinds.ts';
import { clip } from '../limits.ts';
import { type GroupState, groupState } from './state.ts';
import { UserCount } from './users.ts';

/** Counts of an hour: of the last week by hour, of the last three hours by five minutes. */
export const HOUR_MS = 3_600_000;
const HOURS = 168;
const FINE_MS = 300_000;
const FINE = 36;
/** Names that are listed of one kind; further ones are counted under the empty name. */
const MOST_NAMES = 30;
const MOST_AUDIT = 50;
/** Groups that became part of one. */
export const MOST_MERGED = 500;

const counted = z.array(z.tuple([z.string(), z.number()]));
const buckets = z.array(z.tuple([z.number(), z.number()]));

const release = z.object({ name: z.string(), first: z.number(), last: z.number(), count: z.number() });

const auditEntry = z.object({ at: z.number(), by: z.string(), action: z.string(), detail: z.string() });
export type AuditEntry = z.output<typeof auditEntry>;

/** What is durable of a group. */
const savedGroup = z.object({
  id: z.string(),
  version: z.number(),
  parts: z.array(z.string()),
  name: z.string(),
  message: z.string(),
  culprit: z.string(),
  type: z.enum(ERROR_TYPES),
  severity: z.enum(SEVERITIES),
  firstSeen: z.number(),
  lastSeen: z.number(),
  count: z.number(),
  users: z.string(),
  services: counted,
  /** When each of them had its newest event; saved by earlier versions without. */
  serviceTimes: counted.default([]),
  environments: counted,
  origins: counted,
  releases: z.array(release),
  hours: buckets,
  fine: buckets,
  state: groupState,
  audit: z.array(auditEntry),
  latest: z.string(),
  first: z.string(),
  applied: z.number(),
  merged: z.array(z.string()).default([]),
});
type SavedGroup = z.output<typeof savedGroup>;

export const groupKind: StateKind<SavedGroup> = { name: 'errors.group', version: 1, schema: savedGroup };

/** One group of errors as it is in memory: who is hurt, since when, how often, and what was decided. */
export class ErrorGroup {
  readonly id: string;
  readonly version: number;
  readonly parts: readonly string[];
  name = '';
  message = '';
  culprit = '';
  type: SavedGroup['type'] = 'internal';
  severity: SavedGroup['severity'] = 'high';
  firstSeen = 0;
  lastSeen = 0;
  count = 0;
  users = new UserCount();
  readonly services = new Map<string, number>();
  /** Epoch ms of the newest event of each service. */
  readonly serviceTimes = new Map<string, number>();
  readonly environments = new Map<string, number>();
  readonly origins = new Map<string, number>();
  readonly releases = new Map<string, { first: number; last: number; count: number }>();
  /** Events by the start of their hour. */
  readonly hours = new Map<number, number>();
  /** Events by the start of their five minutes. */
  readonly fine = new Map<number, number>();
  state: GroupState = { status: 'open' };
  audit: AuditEntry[] = [];
  /** Ids of the newest and the oldest event. */
  latest = '';
  first = '';
  /** The sequence of the last event that is counted here. */
  applied = 0;
  /** Ids of the groups that became part of this one. */
  merged: readonly string[] = [];

  constructor(id: string, parts: readonly string[], version: number = GROUPING_VERSION) {
    this.id = id;
    this.parts = parts;
    this.version = version;
  }

  /** Counts an event. */
  add(event: ErrorEvent, sequence: number): void {
    const newest = event.time >= this.lastSeen;
    if (this.count === 0 || event.time < this.firstSeen) {
      this.firstSeen = event.time;
      this.first = event.id;
    }
    if (newest) {
      this.#describe(event);
      this.lastSeen = event.time;
      this.latest = event.id;
    }
    this.count++;
    this.applied = sequence;
    this.users.add(event.user);
    raise(this.services, event.service);
    this.#saw(event.service, event.time);
    raise(this.environments, event.environment);
    raise(this.origins, event.origin);
    const { release: name, time } = event;
    if (name !== '') this.#addRelease(name, { first: time, last: time, count: 1 });
    bucket(this.hours, event.time, HOUR_MS, HOURS);
    bucket(this.fine, event.time, FINE_MS, FINE);
  }

  /** Takes over what another group counted. What was decided and how it is found stay this one's. */
  absorb(other: ErrorGroup): void {
    if (other.firstSeen < this.firstSeen) {
      this.firstSeen = other.firstSeen;
      this.first = other.first;
    }
    if (other.lastSeen > this.lastSeen) {
      const { lastSeen, latest, name, message, culprit, type, severity } = other;
      Object.assign(this, { lastSeen, latest, name, message, culprit, type, severity });
    }
    this.count += other.count;
    this.users.absorb(other.users);
    for (const field of ['services', 'environments', 'origins'] as const)
      for (const [key, many] of other[field]) raise(this[field], key, many);
    for (const [name, time] of other.serviceTimes) this.#saw(name, time);
    for (const [name, seen] of other.releases) this.#addRelease(name, seen);
    for (const [start, many] of other.hours) bucket(this.hours, start, HOUR_MS, HOURS, many);
    for (const [start, many] of other.fine) bucket(this.fine, start, FINE_MS, FINE, many);
    this.merged = [...this.merged, other.id, ...other.merged];
  }

  note(entry: AuditEntry): void {
    this.audit = [...this.audit, entry].slice(-MOST_AUDIT);
  }

  save(): SavedGroup {
    const { id, version, parts, name, message, culprit, type, severity, firstSeen, lastSeen, count } = this;
    const { state, audit, latest, first, applied, merged } = this;
    return {
      id,
      version,
      parts: [...parts],
      name,
      message,
      culprit,
      type,
      severity,
      firstSeen,
      lastSeen,
      count,
      users: this.users.save(),
      services: [...this.services],
      serviceTimes: [...this.serviceTimes],
      environments: [...this.environments],
      origins: [...this.origins],
      releases: [...this.releases].map(([release, seen]) => ({ name: release, ...seen })),
      hours: [...this.hours],
      fine: [...this.fine],
      state,
      audit,
      latest,
      first,
      applied,
      merged: [...merged],
    };
  }

  static load(saved: SavedGroup): ErrorGroup {
    const group = new ErrorGroup(saved.id, saved.parts, saved.version);
    const { name, message, culprit, type, severity, firstSeen, lastSeen, count } = saved;
    const { state, latest, first, applied, merged } = saved;
    Object.assign(group, {
      name,
      message,
      culprit: readablePlace(culprit),
      type,
      severity,
      firstSeen,
      lastSeen,
      count,
      state,
      latest,
      first,
      applied,
      merged,
    });
    group.users = UserCount.load(saved.users);
    group.audit = [...saved.audit];
    for (const field of ['services', 'serviceTimes', 'environments', 'origins'] as const)
      for (const [key, value] of saved[field]) group[field].set(key, value);
    for (const field of ['hours', 'fine'] as const)
      for (const [key, many] of saved[field]) group[field].set(key, many);
    for (const { name: release, ...seen } of saved.releases) group.releases.set(release, { ...seen });
    return group;
  }

  /** Of the services that are counted by name. */
  #saw(service: string, time: number): void {
    if (this.services.has(service))
      this.serviceTimes.set(service, Math.max(time, this.serviceTimes.get(service) ?? 0));
  }

  /** A group is called what its newest event is. */
  #describe(event: ErrorEvent): void {
    const { name, message } = titleOf(event);
    this.name = name;
    this.message = clip(message, 500);
    const [own] = ownFrames(event.exceptions[0]?.frames ?? []);
    this.culprit = own === undefined ? event.transaction : readablePlace(placeOf(own));
    this.type = event.type;
    this.severity = event.severity;
  }

  #addRelease(
    name: string,
    seen: { readonly first: number; readonly last: number; readonly count: number },
  ): void {
    const known = this.releases.get(name);
    if (known === undefined) {
      this.releases.set(name, { ...seen });
      if (this.releases.size > MOST_NAMES) this.#forgetRelease();
      return;
    }
    known.first = Math.min(known.first, seen.first);
    known.last = Math.max(known.last, seen.last);
    known.count += seen.count;
  }

  /** The one that was seen longest ago. */
  #forgetRelease(): void {
    let [oldest, last] = ['', Number.POSITIVE_INFINITY];
    for (const [name, seen] of this.releases) if (seen.last < last) [oldest, last] = [name, seen.last];
    this.releases.delete(oldest);
  }
}

function raise(counts: Map<string, number>, name: string, by = 1): void {
  const key = counts.has(name) || counts.size < MOST_NAMES ? name : '';
  counts.set(key, (counts.get(key) ?? 0) + by);
}

/** Counts in the bucket of a time; buckets that are older than the newest `most` go. */
function bucket(counts: Map<number, number>, time: number, width: number, most: number, by = 1): void {
  const start = Math.floor(time / width) * width;
  counts.set(start, (counts.get(start) ?? 0) + by);
  if (counts.size <= most) return;
  let oldest = start;
  for (const key of counts.keys()) oldest = Math.min(oldest, key);
  counts.delete(oldest);
}

/** Counts in steps of `width` (a multiple of what `counts` is kept in) over the steps that end with the one `end` is in, oldest first. */
export function trendOf(
  counts: ReadonlyMap<number, number>,
  width: number,
  steps: number,
  end: number,
): number[] {
  const last = Math.floor(end / width) * width;
  const first = last - (steps - 1) * width;
  const trend = Array.from({ length: steps }, () => 0);
  for (const [start, count] of counts) {
    const step = Math.floor((start - first) / width);
    if (step >= 0 && step < steps) trend[step] = (trend[step] ?? 0) + count;
  }
  return trend;
}

/** Events a minute over the last hour. */
export function rateOf(group: ErrorGroup, now: number): number {
  return trendOf(group.fine, FINE_MS, 12, now).reduce((sum, count) => sum + count, 0) / 60;
}
