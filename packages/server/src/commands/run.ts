import type { PharosConfig } from '../config.ts';
import { systemClock } from '../kernel/clock.ts';
import type { ConfigResult } from '../kernel/config/load.ts';
import { PharosError } from '../kernel/errors.ts';
import { type LoadedConfig, type Pharos, startPharos } from '../wire.ts';
import { complain, say } from './options.ts';

/** Docker and systemd give ten seconds before they kill. */
const STOP_DEADLINE_MS = 9000;
/** What the server itself keeps of it when something before it was slow to stop. */
const LEAST_FOR_SERVER_MS = 3000;

export interface RunHooks {
  /** Reads the configuration again for a reload (SIGHUP, `/-/reload`); without it SIGHUP stops the server. */
  readonly readConfig?: () => Promise<ConfigResult<PharosConfig>>;
  /** After the server answers. */
  readonly started?: (pharos: Pharos) => Promise<void>;
  /** Before the server stops. */
  readonly stopping?: (deadline: AbortSignal) => Promise<void>;
}

/** Runs the server until SIGINT, SIGTERM or `/-/quit`, then stops gracefully; a second signal ends at once. */
export async function runUntilSignal(loaded: LoadedConfig, hooks: RunHooks = {}): Promise<void> {
  const starting = new AbortController();
  let pharos: Pharos | undefined;
  let quit = (): void => {};
  const signalled = new Promise<void>((resolve) => {
    let seen = false;
    quit = resolve;
    const stopping =
      hooks.readConfig === undefined
        ? (['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
        : (['SIGINT', 'SIGTERM'] as const);
    for (const name of stopping) {
      process.on(name, () => {
        if (seen) process.exit(130);
        seen = true;
        starting.abort(new Error(`${name} while starting`));
        resolve();
      });
    }
  });
  // A refused configuration is in the log, the metrics and the notifications; the process goes on with the old one.
  if (hooks.readConfig !== undefined) process.on('SIGHUP', () => void pharos?.reload().catch(() => {}));
  // Every timer of ours is unreferenced; this keeps the process up until it is told to go.
  const alive = new MessageChannel();
  alive.port1.ref();
  try {
    pharos = await startPharos(loaded, starting.signal, { quit, readConfig: hooks.readConfig });
    for (const notice of pharos.notices) say(`pharos: ${notice}`);
    await hooks.started?.(pharos);
  } catch (error) {
    await pharos?.stop(STOP_DEADLINE_MS);
    if (starting.signal.aborted) process.exit(130);
    fail(error);
    return;
  }
  await signalled;
  const told = systemClock.monotonic();
  await hooks.stopping?.(AbortSignal.timeout(STOP_DEADLINE_MS - LEAST_FOR_SERVER_MS));
  const { unclean } = await pharos.stop(STOP_DEADLINE_MS - (systemClock.monotonic() - told));
  for (const { name, reason } of unclean) complain(`pharos: ${name} did not stop cleanly: ${reason}`);
  alive.port1.close();
  process.exit(unclean.length === 0 ? 0 : 1);
}

/** Expected failures are one line; anything else is a bug and shows its stack. */
export function fail(error: unknown): void {
  if (error instanceof PharosError) complain(`pharos: ${error.message}`);
  else complain(`pharos: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exit(1);
}
