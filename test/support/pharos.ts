import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const SERVER_ENTRY = fileURLToPath(new URL('../../packages/server/dist/main.js', import.meta.url));

/** The built server as its users run it: a process of its own with a configuration file and a data directory. */
export interface RunningPharos {
  readonly url: string;
  readonly directory: string;
  readonly child: ChildProcess;
  output(): string;
  /** Ends the process; with SIGKILL it gets no chance to tidy up. Resolves with the exit code (null after a kill). */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface PharosOptions {
  /** YAML; the port and the data directory are added by flags. */
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Kept from an earlier run, to start again on the same data. */
  readonly directory?: string;
  readonly args?: readonly string[];
}

/** A command of the built server; resolves when it ends. */
export function runPharos(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SERVER_ENTRY, ...args], {
      env: { ...process.env, ...env },
      cwd: tmpdir(),
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** Starts `pharos serve` and resolves once it says it is ready; rejects with its output when it ends before. */
export async function startPharosProcess(options: PharosOptions = {}): Promise<RunningPharos> {
  if (!existsSync(SERVER_ENTRY)) throw new Error('the server is not built: run npm run build');
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'pharos-acceptance-')));
  const file = join(directory, 'pharos.yaml');
  await writeFile(file, options.config ?? '{}');
  const args = [
    'serve',
    '--config',
    file,
    '--set',
    `storage.path=${join(directory, 'data')}`,
    '--set',
    'web.port=0',
    // Several servers run at once in tests: the standards' ports are for whoever asks for them.
    '--set',
    'web.extra_ports.otlp_grpc=0',
    '--set',
    'web.extra_ports.otlp_http=0',
    '--set',
    'web.extra_ports.jaeger=0',
    '--set',
    'web.extra_ports.zipkin=0',
    ...(options.args ?? []),
  ];
  const child = spawn(process.execPath, [SERVER_ENTRY, ...args], {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const ready = /ready at (\S+)/.exec(output)?.[1];
      if (ready !== undefined) resolve(ready.replace('localhost', '127.0.0.1'));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    void exited.then((code) => reject(new Error(`pharos ended with ${code}: ${output}`)));
  });
  return {
    url,
    directory,
    child,
    output: () => output,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return exited;
    },
  };
}

export async function removeData(pharos: RunningPharos): Promise<void> {
  await rm(pharos.directory, { recursive: true, force: true, maxRetries: 5 });
}
