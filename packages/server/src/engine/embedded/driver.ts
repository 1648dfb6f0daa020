import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import type { Session, SessionOptions } from 'chdb';
import { engineError, engineErrors } from '../errors.ts';

/** One connection to the engine in this process. At most one statement at a time; closed after any failure. */
export interface DriverSession {
  /** The answer in the Native format. */
  run(statement: string): Promise<Uint8Array>;
  close(): void;
}

export interface Driver {
  /** Blocks while the data directory loads, the first time. */
  open(args: readonly string[]): DriverSession;
  /** Resolves when nothing of the library runs any more. */
  drained(): Promise<void>;
}

/**
 * Loads the library for one data directory. Throws unsupportedPlatform where it has no build.
 *
 * Never in a worker thread: the library tears the whole process down when a worker that loaded it ends.
 */
export async function loadDriver(path: string): Promise<Driver> {
  if (!isMainThread)
    throw new Error('the engine must not be loaded in a worker thread: its exit ends the process');
  const chdb = await importChdb();
  return {
    open(args) {
      try {
        return adapt(new chdb.Session(path, { connectionArgs: args }));
      } catch (cause) {
        throw openError(path, cause);
      }
    },
    drained: () => chdb.drainPending(),
  };
}

interface Chdb {
  readonly Session: new (path: string, options: SessionOptions) => Session;
  drainPending(): Promise<void>;
}

async function importChdb(): Promise<Chdb> {
  try {
    return await import('chdb');
  } catch (cause) {
    const report: unknown = process.report.getReport();
    throw engineErrors.make(
      'unsupportedPlatform',
      platformProblem(process.platform, process.arch, JSON.stringify(report)),
      { cause },
    );
  }
}

/** One clear line instead of a loader's stack trace. `report` is Node's diagnostic report: a glibc build names its version, musl does not. */
export function platformProblem(platform: string, arch: string, report: string): string {
  if (platform !== 'linux' && platform !== 'darwin')
    return `the embedded engine has no build for ${platform}`;
  if (platform === 'linux' && !report.includes('"glibcVersionRuntime"'))
    return 'the embedded engine needs glibc; this system has another C library (musl)';
  return `the embedded engine does not load on ${platform}-${arch}`;
}

function adapt(session: Session): DriverSession {
  return {
    async run(statement) {
      try {
        return (await session.queryAsync(statement, { format: 'Native' })).bytes();
      } catch (cause) {
        throw engineError(codeOf(cause), cause instanceof Error ? cause.message : String(cause), cause);
      }
    },
    close: () => session.close(),
  };
}

function codeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('clickhouseCode' in error)) return undefined;
  return typeof error.clickhouseCode === 'number' ? error.clickhouseCode : undefined;
}

/** The library tells why it cannot open only on stderr; whether another process holds the lock stands in its `status` file. */
function openError(path: string, cause: unknown): Error {
  const owner = lockOwner(path);
  if (owner !== null)
    return engineErrors.make('locked', `process ${owner} owns the data directory ${path}`, { cause });
  return engineErrors.make('corrupt', `the engine cannot open ${path}`, {
    cause,
    hint: "The engine's reason is in the log, on the lines before this one.",
  });
}

function lockOwner(path: string): number | null {
  let status: string;
  try {
    status = readFileSync(join(path, 'status'), 'utf8');
  } catch {
    return null;
  }
  const pid = Number(/^PID: (\d+)$/m.exec(status)?.[1]);
  if (!Number.isInteger(pid) || pid === process.pid) return null;
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return null;
  }
}
