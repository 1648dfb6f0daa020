import { readFileSync, readlinkSync } from 'node:fs';
import { errorCode } from './fs.ts';

/** A process so that it is not taken for another that got its number later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot; null where the system does not tell. */
  readonly started: number | null;
  /** Boot and process namespace: a number means something only within both. Empty where the system does not tell. */
  readonly space: string;
}

/** What is known about running processes; injected for tests. */
export interface ProcessTable {
  self(): ProcessIdentity;
  /** Whether that very process still runs. `unknown` when it belongs to another boot or container. */
  alive(process: ProcessIdentity): boolean | 'unknown';
}

export const systemProcesses: ProcessTable = {
  self: () => ({ pid: process.pid, started: startTime(process.pid), space: space() }),
  alive(other) {
    if (other.space !== space()) return sameBoot(other.space, space()) ? 'unknown' : false;
    if (!exists(other.pid)) return false;
    const started = startTime(other.pid);
    return started === null || other.started === null || started === other.started;
  },
};

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Field 22 of /proc/<pid>/stat (proc_pid_stat(5)); the name in field 2 may hold spaces and parentheses. */
export function startTime(pid: number): number | null {
  const stat = quietRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[19]);
  return stat !== '' && Number.isFinite(ticks) ? ticks : null;
}

function space(): string {
  const boot = quietRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const namespace = quietRead(() => readlinkSync('/proc/self/ns/pid'));
  return boot === '' ? '' : `${boot} ${namespace}`;
}

function sameBoot(a: string, b: string): boolean {
  return a.split(' ')[0] === b.split(' ')[0];
}

/** Empty where the system has no such file. */
function quietRead(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
