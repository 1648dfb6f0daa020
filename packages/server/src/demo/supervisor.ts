import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';

/** One process of the shop, as the shop itself publishes it. */
export interface ChildSpec {
  readonly name: string;
  /** Path of the script to run. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface Running {
  readonly spec: ChildSpec;
  child: ChildProcess | null;
  restarts: number;
  startedAt: number;
}

export interface SupervisorOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Each child's output goes to `<directory>/<name>.log`. */
  readonly logDirectory: string;
}

const MAX_BACKOFF_MS = 15_000;
/** A child that ran this long has proven itself: its next restart is quick again. */
const PROVEN_MS = 30_000;

/** Runs child processes and brings back those that die, slower each time. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #children: Running[] = [];
  #stopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  async start(specs: readonly ChildSpec[]): Promise<void> {
    await mkdir(this.#options.logDirectory, { recursive: true });
    for (const spec of specs) {
      const running: Running = { spec, child: null, restarts: 0, startedAt: 0 };
      this.#children.push(running);
      this.#spawn(running);
    }
  }

  pids(): ReadonlyMap<string, number> {
    return new Map(
      this.#children.flatMap(({ spec, child }) =>
        child?.pid === undefined ? [] : [[spec.name, child.pid] as const],
      ),
    );
  }

  /** SIGTERM to all, SIGKILL to what is left at the deadline. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#stopping = true;
    const ending = this.#children.flatMap(({ child }) => (child === null ? [] : [child]));
    const kill = (): void => ending.forEach((child) => child.kill('SIGKILL'));
    deadline.addEventListener('abort', kill, { once: true });
    const grace = this.#options.clock.after(5000, kill);
    await Promise.all(
      ending.map((child) => {
        if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
        const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
        child.kill('SIGTERM');
        return exited;
      }),
    );
    grace.cancel();
  }

  #spawn(running: Running): void {
    const { spec } = running;
    const output = this.#openLog(spec.name);
    const child = spawn(process.execPath, [...spec.execArgv, spec.entry, ...spec.args], {
      env: { ...withoutSecrets(process.env), ...spec.env },
      stdio: ['ignore', output ?? 'ignore', output ?? 'ignore', 'ipc'],
    });
    if (output !== null) closeSync(output);
    running.child = child;
    running.startedAt = this.#options.clock.monotonic();
    const again = (why: string): void => {
      if (running.child !== child) return;
      running.child = null;
      if (!this.#stopping) this.#restart(running, why);
    };
    child.once('error', (error) => again(error.message));
    child.once('exit', (code, signal) => again(`ended with ${signal ?? `code ${code}`}`));
  }

  /** Null when the file cannot be opened (a full disk, too many files): the process matters more than its words. */
  #openLog(name: string): number | null {
    try {
      return openSync(join(this.#options.logDirectory, `${name}.log`), 'a');
    } catch (error) {
      this.#options.log.warn({ process: name, err: error }, 'a demo process runs without its log file');
      return null;
    }
  }

  #restart(running: Running, why: string): void {
    const { clock, log } = this.#options;
    if (clock.monotonic() - running.startedAt > PROVEN_MS) running.restarts = 0;
    const delayMs = Math.min(MAX_BACKOFF_MS, 500 * 2 ** running.restarts);
    running.restarts++;
    log.warn({ process: running.spec.name, why, delayMs }, 'a demo process ended and is started again');
    clock.after(delayMs, () => {
      if (!this.#stopping) this.#spawn(running);
    });
  }
}

/** The children need no login of Pharos'. */
function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^PHAROS_(ADMIN_PASSWORD|TOKEN)/.test(name)),
  );
}
