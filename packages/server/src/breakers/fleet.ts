import { breakerErrors } from './errors.ts';
import type { Transition } from './model.ts';
import type { Report, ReportedBreaker } from './report.ts';

/** `live`: heard of lately; `silent`: was never said goodbye to and is not heard of; `left`: its process stopped. */
export const INSTANCE_STATUS = ['live', 'silent', 'left'] as const;
type InstanceStatus = (typeof INSTANCE_STATUS)[number];

/** One process that reports breakers. Times in epoch ms. */
export interface Instance {
  readonly tenant: string;
  readonly service: string;
  readonly instance: string;
  readonly session: string;
  readonly version: string;
  readonly commandable: boolean;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly status: InstanceStatus;
  readonly breakers: readonly ReportedBreaker[];
}

type Known = { -readonly [K in keyof Instance]: Instance[K] } & {
  /** Questions for commands that are held open for it. */
  questions: number;
  /** Whether it ever asked for commands in this session. */
  asked: boolean;
  lastSeq: number;
};

export interface FleetLimits {
  readonly instances: number;
  /** Without a question held open, an instance that asks for commands is silent after this; one that only reports after three beats. */
  readonly silentMs: number;
  readonly silentReporterMs: number;
  /** How long instances that are gone are still shown. */
  readonly keepMs: number;
}

export const FLEET_LIMITS: FleetLimits = {
  instances: 5_000,
  silentMs: 20_000,
  silentReporterMs: 50_000,
  keepMs: 3_600_000,
};

/** A host's clock may be wrong by this much before its times are put right, or where it does not say what time it has, are those of arrival. */
const MAX_SKEW_MS = 3_600_000;
/** What changed while Pharos could not be told is told later; not so much later. */
const MAX_LATE_MS = 7 * 86_400_000;

/** Every instance and what it last said about its breakers; in memory, bounded. Callers bring the time. */
export class BreakerFleet {
  readonly #limits: FleetLimits;
  readonly #instances = new Map<string, Known>();

  constructor(limits: FleetLimits = FLEET_LIMITS) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#instances.size;
  }

  /** Takes a report in; returns the transitions that are not {@link stored}. Throws `breakers.full` when there is no room for a new instance. */
  report(tenant: string, service: string, report: Report, now: number): readonly Transition[] {
    const key = keyOf(tenant, service, report.instance);
    const before = this.#instances.get(key);
    if (before === undefined) this.#makeRoom(now);
    const same = before?.session === report.session ? before : undefined;
    const known: Known = {
      tenant,
      service,
      instance: report.instance,
      session: report.session,
      version: report.version,
      commandable: report.commands,
      firstSeen: same?.firstSeen ?? now,
      lastSeen: now,
      status: report.leaving ? 'left' : 'live',
      breakers: report.breakers,
      questions: same?.questions ?? 0,
      asked: same?.asked ?? false,
      lastSeq: same?.lastSeq ?? 0,
    };
    // The same object as before within a session: questions that are held open know it.
    const kept = same === undefined ? known : Object.assign(same, known);
    this.#instances.set(key, kept);
    const upstreams = new Map(report.breakers.map((breaker) => [breaker.name, breaker.service]));
    const fresh = report.transitions.filter(({ seq }) => seq > kept.lastSeq);
    return fresh.map(({ name, at, from, to, reason, counts }) => ({
      tenant,
      service,
      name,
      instance: report.instance,
      upstream: upstreams.get(name) ?? '',
      at: timeOf(at, report.sent_at, now),
      from,
      to,
      reason,
      counts,
    }));
  }

  /** The transitions of a report are durable: told again, they are not new. */
  stored(tenant: string, service: string, { instance, session, transitions }: Report): void {
    const known = this.#instances.get(keyOf(tenant, service, instance));
    if (known?.session === session)
      known.lastSeq = Math.max(known.lastSeq, ...transitions.map(({ seq }) => seq));
  }

  get(tenant: string, service: string, instance: string): Instance | undefined {
    return this.#instances.get(keyOf(tenant, service, instance));
  }

  /** A question for commands begins. Null when the instance is not known under this session. */
  asking(tenant: string, service: string, instance: string, session: string, now: number): Instance | null {
    const known = this.#instances.get(keyOf(tenant, service, instance));
    if (known === undefined || known.session !== session) return null;
    known.questions++;
    known.asked = true;
    known.lastSeen = now;
    if (known.status !== 'left') known.status = 'live';
    return known;
  }

  /** The question ended, answered or not. */
  asked(tenant: string, service: string, instance: string, session: string, now: number): void {
    const known = this.#instances.get(keyOf(tenant, service, instance));
    if (known === undefined || known.session !== session) return;
    known.questions = Math.max(0, known.questions - 1);
    known.lastSeen = now;
  }

  /** Those of a tenant that are shown, the living first. */
  list(tenant: string, now: number): readonly Instance[] {
    const shown: Instance[] = [];
    for (const known of this.#instances.values()) {
      if (known.tenant !== tenant) continue;
      this.#age(known, now);
      shown.push(known);
    }
    return shown;
  }

  /** Ages and forgets; says which tenants have an instance that fell silent just now. */
  sweep(now: number): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const [key, known] of this.#instances) {
      const before = known.status;
      this.#age(known, now);
      if (known.status !== before) changed.add(known.tenant);
      if (known.status !== 'live' && now - known.lastSeen > this.#limits.keepMs) this.#instances.delete(key);
    }
    return changed;
  }

  all(): readonly Instance[] {
    return [...this.#instances.values()];
  }

  #age(known: Known, now: number): void {
    if (known.status !== 'live' || known.questions > 0) return;
    const limit = known.asked ? this.#limits.silentMs : this.#limits.silentReporterMs;
    // A wall clock that was set back must not keep a dead process alive until it is where it was.
    known.lastSeen = Math.min(known.lastSeen, now);
    // A reporter without commands is heard of at each beat; one that takes them, by its questions.
    if (now - known.lastSeen > limit) known.status = 'silent';
  }

  /** Whoever is gone for longest gives way to a new one; the living do not. */
  #makeRoom(now: number): void {
    if (this.#instances.size < this.#limits.instances) return;
    this.sweep(now);
    let oldest: [string, Known] | undefined;
    for (const entry of this.#instances) {
      if (entry[1].status === 'live') continue;
      if (oldest === undefined || entry[1].lastSeen < oldest[1].lastSeen) oldest = entry;
    }
    if (oldest === undefined)
      throw breakerErrors.make(
        'full',
        `${this.#limits.instances} processes report breakers, and no more fit`,
        {
          retryAfterSeconds: 60,
        },
      );
    this.#instances.delete(oldest[0]);
  }
}

/** When something happened that a host says happened `at`, and whose clock said `sentAt` when it told of it. */
function timeOf(at: number, sentAt: number | undefined, now: number): number {
  const skew = sentAt === undefined ? 0 : now - sentAt;
  const right = Math.abs(skew) > MAX_SKEW_MS ? at + skew : at;
  return Math.abs(now - right) > (sentAt === undefined ? MAX_SKEW_MS : MAX_LATE_MS)
    ? now
    : Math.min(right, now);
}

function keyOf(tenant: string, service: string, instance: string): string {
  return `${tenant}\u0000${service}\u0000${instance}`;
}
