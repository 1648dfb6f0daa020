import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { freePort } from './peers.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const SERVICES = ['auth', 'catalog', 'gateway', 'order', 'user'];

export interface RunningDemo {
  readonly demo: ChildProcess;
  /** Of Pharos. */
  readonly url: string;
  /** By the variables that set them, such as `ORDER_METRICS_PORT`. */
  readonly ports: Readonly<Record<string, number>>;
  output(): string;
  /** Ends what still runs and removes its data. */
  stop(): Promise<void>;
}

/** `npm start` without its installing: Pharos, five services, the controller and traffic, on free ports. */
export async function startDemo(): Promise<RunningDemo> {
  const ports: Record<string, number> = {};
  for (const name of [...SERVICES, 'controller'].map((service) => service.toUpperCase()))
    for (const kind of name === 'CONTROLLER' ? ['PORT'] : ['PORT', 'METRICS_PORT', 'CONTROL_PORT'])
      ports[`${name}_${kind}`] = await freePort();
  const data = await mkdtemp(join(tmpdir(), 'pharos-demo-'));
  const env = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
  const demo = spawn(
    process.execPath,
    [join(ROOT, 'packages/server/dist/main.js'), 'demo', '--data', 'demo'],
    {
      cwd: data,
      env: { ...process.env, ...env, PHAROS_PORT: String(await freePort()) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  demo.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  demo.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const url = await vi.waitFor(
    () => {
      const found = /watching the shop: +(\S+)/.exec(output)?.[1];
      if (found === undefined) throw new Error(`no address yet: ${output}`);
      return found.replace('localhost', '127.0.0.1');
    },
    { timeout: 90_000 },
  );
  return {
    demo,
    url,
    ports,
    output: () => output,
    stop: async () => {
      if (demo.exitCode === null && demo.signalCode === null) {
        const gone = new Promise((resolve) => demo.once('exit', resolve));
        demo.kill('SIGTERM');
        await gone;
      }
      await rm(data, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
