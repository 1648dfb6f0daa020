import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import { engineErrors } from '../errors.ts';
import { identify, isAlive, type ProcessIdentity } from './process-table.ts';

const identity = z.object({ pid: z.number().int().positive(), startedAt: z.string() });
const ownershipSchema = z.object({ engine: identity, server: identity });

/** Who runs the engine of a data directory; kept in a file beside it. */
type Ownership = z.infer<typeof ownershipSchema>;

const POLL_MS = 10;
const PATIENCE_MS = 10_000;

/**
 * Ends an engine that outlived its server (it may sleep in a fatal-signal handler for minutes, holding the directory's
 * lock). Rejects with `locked` when its server lives.
 */
export async function endOrphan(file: string, clock: Clock): Promise<ProcessIdentity | null> {
  const owner = readOwnership(file);
  if (owner === null || !isAlive(owner.engine)) return null;
  if (isAlive(owner.server))
    throw engineErrors.make(
      'locked',
      `process ${owner.server.pid} owns the data directory; its engine is process ${owner.engine.pid}`,
    );
  killHard(owner.engine);
  const deadline = clock.monotonic() + PATIENCE_MS;
  while (isAlive(owner.engine)) {
    if (clock.monotonic() > deadline)
      throw engineErrors.make('locked', `the left-over engine process ${owner.engine.pid} does not end`);
    await clock.sleep(POLL_MS);
  }
  return owner.engine;
}

function killHard(target: ProcessIdentity): void {
  try {
    process.kill(target.pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

export function writeOwnership(file: string, enginePid: number): void {
  const engine = identify(enginePid);
  const server = identify(process.pid);
  if (engine === null || server === null) return;
  writeFileSync(file, JSON.stringify({ engine, server } satisfies Ownership));
}

export function removeOwnership(file: string): void {
  rmSync(file, { force: true });
}

/** Null when there is none, or a torn write of one: then nobody is known to own the directory. */
function readOwnership(file: string): Ownership | null {
  try {
    return ownershipSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}
