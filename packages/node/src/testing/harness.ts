import { createServer, type RequestListener, type Server } from 'node:http';
import type { PharosOptions } from '../options.ts';
import { createPharos, type Pharos } from '../pharos.ts';

/** Log lines written by an instance, parsed. */
export class LogLines {
  readonly lines: Record<string, unknown>[] = [];

  write(line: string): void {
    this.lines.push(JSON.parse(line) as Record<string, unknown>);
  }

  messages(): unknown[] {
    return this.lines.map(({ message }) => message);
  }
}

/** An instance without environment, file, stdout or propagation, unless asked for. */
export function testPharos(options: Partial<PharosOptions> = {}): { pharos: Pharos; logs: LogLines } {
  const logs = new LogLines();
  const pharos = createPharos({
    service: 'shop',
    env: {},
    propagation: false,
    ...options,
    logs: { file: false, stdout: logs, ...options.logs },
  });
  return { pharos, logs };
}

export interface Listening {
  readonly url: string;
  readonly server: Server;
  close(): Promise<void>;
}

export async function listen(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    server,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The value of one sample in exposition text; undefined when there is none. Labels in any order. */
export function sample(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  for (const line of text.split('\n')) {
    const [, metric, inner = '', value] = /^([\w:]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (metric !== name) continue;
    const found = new Map(
      [...inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text]),
    );
    if (Object.entries(labels).every(([key, text]) => found.get(key) === text)) return Number(value);
  }
  return undefined;
}

export function until<T>(probe: () => T | undefined | false): Promise<T> {
  return new Promise((resolve, reject) => {
    let left = 2_000;
    const look = (): void => {
      const value = probe();
      if (value !== undefined && value !== false) resolve(value);
      else if (left-- === 0) reject(new Error('condition never came true'));
      else setTimeout(look, 5);
    };
    look();
  });
}
