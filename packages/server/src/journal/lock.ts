import { join } from 'node:path';
import { z } from 'zod';
import type { Log } from '../kernel/log.ts';
import { dataDirectoryErrors } from './errors.ts';
import {
  errorCode,
  type FileSystem,
  quietly,
  readWhole,
  removeIfThere,
  replaceDurably,
  writeDurably,
} from './fs.ts';
import type { ProcessTable } from './process-table.ts';

/*
 * The lock is the file `lock.<n>` with the highest n; it names its owner. Who wants the directory links n + 1, which
 * only one can, so two starters that both find a dead owner do not both win. A clean stop leaves a file that says
 * `released`, so that numbers never start over.
 */
const NAME = /^lock\.(\d{1,15})$/;

const ownerSchema = z.strictObject({
  released: z.boolean(),
  pid: z.number().int(),
  started: z.number().nullable(),
  space: z.string(),
});

type Owner = z.infer<typeof ownerSchema>;

export interface LockOptions {
  readonly fs: FileSystem;
  readonly directory: string;
  readonly processes: ProcessTable;
  readonly log: Log;
}

/** Takes the lock and returns its release. Rejects with `data_directory.locked` while its owner lives. */
export async function takeLock(options: LockOptions): Promise<() => Promise<void>> {
  const { fs, directory, processes, log } = options;
  const self = processes.self();
  const highest = await highestLock(options);
  if (highest > 0) await refuseLiveOwner(options, highest);
  const mine = highest + 1;
  const path = join(directory, `lock.${mine}`);
  const temporary = join(directory, `lock.tmp.${self.pid}`);
  await removeIfThere(fs, temporary);
  await writeDurably(fs, temporary, encode({ released: false, ...self }));
  try {
    await fs.link(temporary, path);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw lockedError(directory, 'another process that has just started');
    throw error;
  } finally {
    await quietly(fs.unlink(temporary));
  }
  if ((await highestLock(options)) > mine) {
    await quietly(fs.unlink(path));
    throw lockedError(directory, 'another process that has just started');
  }
  for (const n of await lockNumbers(options))
    if (n < mine) await quietly(fs.unlink(join(directory, `lock.${n}`)));
  log.debug({ directory, lock: path }, 'data directory locked');
  return () => replaceDurably(fs, path, encode({ released: true, ...self }));
}

async function refuseLiveOwner(options: LockOptions, number: number): Promise<void> {
  const { fs, directory, processes, log } = options;
  const owner = await readOwner(fs, join(directory, `lock.${number}`));
  if (owner === null || owner.released) return;
  const alive = processes.alive(owner);
  if (alive === true) throw lockedError(directory, `process ${owner.pid}`, owner.pid);
  const facts = { directory, pid: owner.pid };
  if (alive === 'unknown')
    log.warn(facts, 'the data directory was used in another container: make sure that one has ended');
  else log.warn(facts, 'the process that used the data directory ended without a clean stop: taking over');
}

function lockedError(directory: string, owner: string, pid?: number) {
  const fix =
    pid === undefined ? 'Start only one.' : `Stop it (kill ${pid}), or choose another data directory.`;
  return dataDirectoryErrors.make('locked', `the data directory ${directory} is used by ${owner}. ${fix}`, {
    hint: fix,
    details: { directory, ...(pid === undefined ? {} : { pid }) },
  });
}

async function lockNumbers({ fs, directory }: LockOptions): Promise<number[]> {
  return (await fs.list(directory)).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
}

async function highestLock(options: LockOptions): Promise<number> {
  return Math.max(0, ...(await lockNumbers(options)));
}

/** Null when the file is gone or does not parse: nobody holds such a lock. */
async function readOwner(fs: FileSystem, path: string): Promise<Owner | null> {
  try {
    const text = Buffer.from(await readWhole(fs, path, 4096)).toString('utf8');
    const parsed = ownerSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError || errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function encode(owner: Owner): Uint8Array {
  return Buffer.from(`${JSON.stringify(owner)}\n`);
}
