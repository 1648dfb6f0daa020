import { readdir, readFile } from 'node:fs/promises';
import type { RunningPharos } from './pharos.ts';

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** The result of an instant query; throws what the API says when it refuses. */
export async function ask(url: string, query: string): Promise<readonly Series[]> {
  const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query }).toString()}`);
  const body = (await answer.json()) as { data?: { result: readonly Series[] }; error?: string };
  if (body.data === undefined) throw new Error(`${query}: ${answer.status} ${body.error}`);
  return body.data.result;
}

export interface Health {
  readonly services: readonly {
    readonly name: string;
    readonly status: string;
    readonly since: string;
    readonly reasons: readonly { readonly message: string }[];
    readonly caused_by: readonly string[];
  }[];
  readonly dependencies: readonly { readonly name: string; readonly status: string }[];
}

export async function healthOf(url: string): Promise<Health> {
  const answer = await fetch(`${url}/api/health`);
  if (answer.status !== 200) throw new Error(`/api/health answered ${answer.status}`);
  return (await answer.json()) as Health;
}

export async function serviceOf(url: string, name: string): Promise<Health['services'][number] | undefined> {
  return (await healthOf(url)).services.find((service) => service.name === name);
}

export async function engineReady(url: string): Promise<boolean> {
  return (await healthOf(url)).dependencies.find(({ name }) => name === 'engine')?.status === 'healthy';
}

/** Pushes Prometheus text, each line with its own time. */
export function pushText(url: string, body: string): Promise<Response> {
  return fetch(`${url}/api/v1/import/prometheus`, {
    method: 'POST',
    body,
    signal: AbortSignal.timeout(20_000),
  });
}

/** The sum of a metric's samples on Pharos' own `/metrics` whose labels contain the text; 0 when there is none. */
export async function ownMetric(url: string, name: string, labels = ''): Promise<number> {
  return sumOf(await (await fetch(`${url}/metrics`)).text(), name, labels);
}

/** The same of one exposition: figures that are held against each other are of one moment. */
export function sumOf(text: string, name: string, labels = ''): number {
  return text
    .split('\n')
    .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(labels))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Process ids of the direct children, from /proc. */
export async function childrenOf(parent: number): Promise<readonly number[]> {
  const children: number[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // The command name may hold spaces and brackets: the fields count from its last bracket (proc(5)).
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent) children.push(Number(pid));
  }
  return children;
}

export async function killEngine(pharos: RunningPharos): Promise<void> {
  for (const pid of await childrenOf(pharos.child.pid ?? 0)) process.kill(pid, 'SIGKILL');
}
