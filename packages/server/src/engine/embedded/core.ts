import { mkdirSync } from 'node:fs';
import type { Clock, Timer } from '../../kernel/clock.ts';
import { DATABASE } from '../tables.ts';
import type { LimitClass } from '../types.ts';
import { type EngineLimits, sessionArguments } from './config.ts';
import { type Driver, loadDriver } from './driver.ts';
import { SessionPool } from './sessions.ts';

/** Everything the process that runs the engine must know; plain data, so that it can cross to a child. */
export interface CoreOptions {
  /** The engine's own directory of parts and metadata. */
  readonly path: string;
  readonly configFile: string;
  readonly limits: EngineLimits;
}

export interface CoreStatement {
  /** Unique in the life of the core; stands in the statement's comment, so that it can be killed. */
  readonly id: number;
  readonly text: string;
  readonly limits: LimitClass;
}

/** A statement may outlive its time limit by this much (it is checked between blocks) before it is killed, and again before the engine counts as hung. */
const OVERDUE_MS = 5_000;

const FIRST_KILL_MS = 20;
const MAX_KILL_MS = 500;

export interface CoreEvents {
  /** A session was thrown away. */
  discarded(): void;
  /** A statement did not end although it was killed. */
  hung(): void;
}

interface Running {
  readonly abort: AbortController;
  deadline: Timer | null;
}

/** The engine inside this process: its sessions by class, statements in flight, and how to end them. */
export class EngineCore {
  readonly #driver: Driver;
  readonly #clock: Clock;
  readonly #options: CoreOptions;
  readonly #pools: Readonly<Record<LimitClass, SessionPool>>;
  readonly #control: SessionPool;
  readonly #running = new Map<number, Running>();
  readonly #events: CoreEvents;

  private constructor(driver: Driver, options: CoreOptions, clock: Clock, events: CoreEvents) {
    this.#driver = driver;
    this.#options = options;
    this.#clock = clock;
    this.#events = events;
    this.#pools = {
      interactive: this.#pool('interactive'),
      lookup: this.#pool('lookup'),
      point: this.#pool('point'),
      background: this.#pool('background'),
      write: this.#pool('write'),
    };
    this.#control = this.#pool('write');
  }

  #pool(limitClass: LimitClass): SessionPool {
    const limits = this.#options.limits[limitClass];
    const args = sessionArguments(this.#options.configFile, limitClass, limits);
    return new SessionPool(
      () => this.#driver.open(args),
      limits.sessions,
      limits.waiting,
      this.#events.discarded,
    );
  }

  /** Opens the data directory; loads all its parts. */
  static async open(options: CoreOptions, clock: Clock, events: CoreEvents): Promise<EngineCore> {
    mkdirSync(options.path, { recursive: true });
    const driver = await loadDriver(options.path);
    const core = new EngineCore(driver, options, clock, events);
    // `default` is an Overlay database here; ours is Atomic.
    await core.run({
      id: 0,
      text: `CREATE DATABASE IF NOT EXISTS ${DATABASE} ENGINE = Atomic`,
      limits: 'write',
    });
    return core;
  }

  async run(statement: CoreStatement): Promise<Uint8Array> {
    const running: Running = { abort: new AbortController(), deadline: null };
    this.#running.set(statement.id, running);
    const text = `/* q:${statement.id} */ ${statement.text}`;
    try {
      return await this.#pools[statement.limits].run(text, running.abort.signal, () =>
        this.#watch(statement, running),
      );
    } finally {
      running.deadline?.cancel();
      this.#running.delete(statement.id);
    }
  }

  #watch(statement: CoreStatement, running: Running): void {
    const limitMs = this.#options.limits[statement.limits].executionSeconds * 1_000;
    running.deadline = this.#clock.after(limitMs + OVERDUE_MS, () => {
      this.cancel(statement.id);
      running.deadline = this.#clock.after(OVERDUE_MS, this.#events.hung);
    });
  }

  /** Ends a statement, waiting or running. Its promise rejects when the engine has let go of it. */
  cancel(id: number): void {
    const running = this.#running.get(id);
    if (running === undefined || running.abort.signal.aborted) return;
    running.abort.abort();
    void this.#killUntilGone(id);
  }

  /** A kill that comes before the engine has registered the statement finds nothing: it is repeated until the statement ends. */
  async #killUntilGone(id: number): Promise<void> {
    // ASYNC: SYNC never returns here. From a session of its own: the statement's is busy.
    const kill = `KILL QUERY WHERE startsWith(query, '/* q:${id} */') ASYNC`;
    const never = new AbortController().signal;
    for (let delay = FIRST_KILL_MS; this.#running.has(id); delay = Math.min(delay * 2, MAX_KILL_MS)) {
      try {
        await this.#control.run(kill, never, () => {});
      } catch {
        // That control session is discarded; the next round has a fresh one.
      }
      await this.#clock.sleep(delay);
    }
  }

  /** Kills what runs and closes; resolves when the library is idle. */
  async close(): Promise<void> {
    for (const id of this.#running.keys()) this.cancel(id);
    for (const pool of Object.values(this.#pools)) pool.close();
    await this.#driver.drained();
    this.#control.close();
  }
}
