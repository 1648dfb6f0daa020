import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { keyOf } from './identity.ts';
import type { KnownProbe } from './known.ts';
import { Deadlines } from './schedule/deadlines.ts';
import type { ProbeStore } from './store.ts';

export interface HeartbeatsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Pick<ProbeStore, 'heard' | 'hear'>;
  /** Nothing was heard for as long as it may be silent. */
  readonly missed: (probe: KnownProbe, reason: string) => void;
}

/** A heartbeat that came while nobody was there to hear it is tried again within so long. */
const AFTER_START_MS = 300_000;
/** When a heartbeat was heard of becomes durable so often at most. */
const KEPT_EVERY_MS = 60_000;

/** Waits for heartbeats: each has its interval and its grace from when it was heard of last, also over a restart. */
export class Heartbeats {
  readonly #deps: HeartbeatsDeps;
  readonly #deadlines: Deadlines;

  constructor(deps: HeartbeatsDeps) {
    this.#deps = deps;
    this.#deadlines = new Deadlines(deps.clock);
  }

  stop(): void {
    this.#deadlines.stop();
  }

  begin(probe: KnownProbe): void {
    const now = this.#deps.clock.now();
    const silence = silenceOf(probe);
    const heard = this.#deps.store.heard(probe.tenant, probe.id);
    // Of a shorter silence nothing is kept: what is there is of another definition of it.
    if (heard === undefined || heard > now || silence <= AFTER_START_MS) return this.heard(probe);
    probe.heardAt = heard;
    const missed = Math.min(probe.compiled.rules.retries, Math.floor((now - heard) / silence));
    probe.state = { ...probe.state, failures: missed };
    const left = heard + (missed + 1) * silence - now;
    this.#await(probe, Math.min(silence, Math.max(left, AFTER_START_MS)));
  }

  heard(probe: KnownProbe): void {
    probe.heardAt = this.#deps.clock.now();
    this.#keep(probe, probe.heardAt);
    this.#await(probe, silenceOf(probe));
  }

  cancel(probe: KnownProbe): void {
    this.#deadlines.cancel(keyOf(probe));
  }

  #keep(probe: KnownProbe, at: number): void {
    const { store, log } = this.#deps;
    const { tenant, id, definition } = probe;
    // After a start a shorter one is waited for as long anyway.
    if (silenceOf(probe) <= AFTER_START_MS) return;
    const kept = store.heard(tenant, id);
    if (kept !== undefined && Math.abs(at - kept) < KEPT_EVERY_MS) return;
    void store
      .hear(tenant, id, at)
      .catch((error: unknown) =>
        log.warn({ err: error, probe: definition.name }, 'when a heartbeat was heard of is not durable'),
      );
  }

  #await(probe: KnownProbe, delayMs: number): void {
    this.#deadlines.set(keyOf(probe), delayMs, () => {
      const since = new Date(probe.heardAt ?? this.#deps.clock.now()).toISOString();
      this.#deps.missed(probe, `nothing was heard since ${since}`);
      this.#await(probe, silenceOf(probe));
    });
  }
}

/** How long a heartbeat may be silent, ms. */
function silenceOf({ compiled: { intervalMs, graceMs } }: KnownProbe): number {
  return intervalMs + graceMs;
}
