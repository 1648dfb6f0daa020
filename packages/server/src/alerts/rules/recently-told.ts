import { z } from 'zod';
import type { StateKind, StateStore } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import type { ToldAlert } from './take-over.ts';

export interface RecentlyToldDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly state: StateStore;
  readonly tenant: string;
  /** What those who are told of alerts know, some of it over. */
  readonly told: () => readonly ToldAlert[];
  /** Whether rules are evaluated. */
  readonly haveBegun: () => boolean;
  /** What was told longer ago than this is not taken over, in ms. */
  readonly toleranceMs: () => number;
}

/** When rules were looked after last, epoch ms. */
const aliveKind: StateKind<number> = { name: 'alerts.rules_alive', version: 1, schema: z.number() };
const KEY = 'at';
const EVERY_MS = 60_000;
/** What a short-lived process saw counts too: it is written soon after rules began. */
const LOOK_MS = 5_000;

/**
 * What an earlier process told of, unless nobody looked for longer than is tolerated: what holds after that may have begun just now, so
 * it waits for `for` as any other, and what was told runs out where it was told. How long nobody looked is written down, since what is
 * told again and again is not written each time.
 */
export class RecentlyTold implements Service {
  readonly name = 'recently-told-rules';
  readonly dependsOn = ['alert-state'];
  readonly #deps: RecentlyToldDeps;
  #timer: Timer | null = null;
  #awayMs: number | null = null;
  /** Monotonic ms. */
  #notedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: RecentlyToldDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { clock } = this.#deps;
    this.#awayMs = this.#away();
    this.#timer = clock.every(LOOK_MS, () => {
      if (clock.monotonic() - this.#notedAt >= EVERY_MS) void this.#note();
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#note();
  }

  told(): readonly ToldAlert[] {
    const { told, toleranceMs } = this.#deps;
    return (this.#awayMs ?? this.#away()) > toleranceMs() ? [] : told();
  }

  /** For how long nobody had looked when this process began; 0 where no earlier one said so. */
  #away(): number {
    const { state, tenant, clock } = this.#deps;
    const last = state.get(aliveKind, tenant, KEY)?.value;
    return last === undefined ? 0 : clock.now() - last;
  }

  async #note(): Promise<void> {
    const { clock, state, tenant, haveBegun, log } = this.#deps;
    if (!haveBegun()) return;
    this.#notedAt = clock.monotonic();
    await state.put(aliveKind, tenant, KEY, clock.now()).catch((error: unknown) => {
      log.warn({ err: error }, 'when rules were looked after last could not be written');
    });
  }
}
