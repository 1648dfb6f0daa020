import type { Clock, Timer } from '../../kernel/clock.ts';
import { type Due, ProbeWheel } from './wheel.ts';

/** Looks due this close together begin with one wake-up; offsets are spread over the interval in steps of it. */
const TICK_MS = 50;

export interface RunnerDeps {
  readonly clock: Clock;
  /** Looks under way at once; more wait in order. */
  readonly concurrency: number;
  /** Looks once; never rejects. */
  readonly run: (id: string) => Promise<void>;
  readonly lag: (seconds: number) => void;
  readonly missed: (slots: number) => void;
}

/** Runs what the wheel says is due, so many at once. A probe whose look is still under way or waits is not begun again: that slot is missed. */
export class ProbeRunner {
  /** Looks under way at once; may change. */
  concurrency: number;
  readonly #deps: RunnerDeps;
  readonly #wheel = new ProbeWheel();
  readonly #running = new Set<string>();
  readonly #waiting = new Map<string, Due>();
  #timer: Timer | null = null;
  #fires = Number.POSITIVE_INFINITY;
  #started = false;

  constructor(deps: RunnerDeps) {
    this.#deps = deps;
    this.concurrency = deps.concurrency;
  }

  get running(): number {
    return this.#running.size;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  isRunning(id: string): boolean {
    return this.#running.has(id);
  }

  start(): void {
    this.#started = true;
    this.#arm();
  }

  stop(): void {
    this.#started = false;
    this.#timer?.cancel();
    this.#timer = null;
    this.#fires = Number.POSITIVE_INFINITY;
    this.#waiting.clear();
  }

  set(id: string, intervalMs: number, hash: number): void {
    this.#wheel.set(id, intervalMs, hash, this.#deps.clock.monotonic());
    this.#arm();
  }

  remove(id: string): void {
    this.#wheel.remove(id);
    this.#waiting.delete(id);
  }

  /** Looks again in a while, unless it is due before. */
  sooner(id: string, inMs: number): void {
    this.#wheel.sooner(id, this.#deps.clock.monotonic() + inMs);
    this.#arm();
  }

  #arm(): void {
    const next = this.#wheel.next;
    if (!this.#started || next === null || next >= this.#fires) return;
    const { clock } = this.#deps;
    this.#timer?.cancel();
    // Late by a tick at most, so that what is due in the meantime begins with it.
    const delay = Math.max(0, next - clock.monotonic());
    this.#fires = next;
    this.#timer = clock.after(Math.ceil(delay / TICK_MS) * TICK_MS, () => this.#fire());
  }

  #fire(): void {
    this.#timer = null;
    this.#fires = Number.POSITIVE_INFINITY;
    for (const due of this.#wheel.due(this.#deps.clock.monotonic())) {
      if (due.missed > 0) this.#deps.missed(due.missed);
      if (this.#running.has(due.id) || this.#waiting.has(due.id)) this.#deps.missed(1);
      else this.#waiting.set(due.id, due);
    }
    this.#begin();
    this.#arm();
  }

  #begin(): void {
    for (const [id, due] of this.#waiting) {
      if (this.#running.size >= this.concurrency) return;
      this.#waiting.delete(id);
      this.#running.add(id);
      this.#deps.lag(Math.max(0, this.#deps.clock.monotonic() - due.at) / 1000);
      void this.#deps.run(id).finally(() => {
        this.#running.delete(id);
        if (this.#started && this.#waiting.size > 0) this.#begin();
      });
    }
  }
}
