import { readdir, readFile } from 'node:fs/promises';

/** Kernel ticks per second; 100 on every Linux that runs here. */
const TICKS = 100;

export interface Cost {
  readonly cpuSeconds: number;
  readonly residentMb: number;
  /** Memory of its own, without mapped files such as the engine's library. */
  readonly anonymousMb: number;
}

/** CPU and memory of a process and its children, from /proc. */
export async function costOf(pid: number): Promise<Cost> {
  let total: Cost = { cpuSeconds: 0, residentMb: 0, anonymousMb: 0 };
  for (const member of await family(pid)) {
    const stat = await readFile(`/proc/${member}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = await readFile(`/proc/${member}/status`, 'utf8').catch(() => '');
    const mb = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) / 1024;
    total = {
      cpuSeconds: total.cpuSeconds + (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS,
      residentMb: total.residentMb + mb('VmRSS'),
      anonymousMb: total.anonymousMb + mb('RssAnon'),
    };
  }
  return total;
}

/** The engine's process: the only child of the server. */
export async function engineOf(server: number): Promise<number> {
  const [, child] = await family(server);
  if (child === undefined) throw new Error(`process ${server} has no child`);
  return child;
}

async function family(pid: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const members = [pid];
  for (const member of members)
    for (const [child, parent] of parents) if (parent === member) members.push(child);
  return members;
}
