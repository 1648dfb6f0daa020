import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';
import { ManualClock } from '../../../kernel/clock.ts';
import { silentLog } from '../../../kernel/log.ts';
import type { Discoverer, TargetGroup } from '../types.ts';

/** What every discoverer takes, with a clock that stands still, and a note of the failures it told. */
export function discoveryDeps() {
  const failures: string[] = [];
  return {
    clock: new ManualClock(),
    random: () => 0.5,
    log: { ...silentLog, warn: vi.fn() },
    onFailure: (mechanism: string) => void failures.push(mechanism),
    readText: (path: string): Promise<string> => Promise.reject(new Error(`no file ${path}`)),
    failures,
  };
}

/** Starts a discoverer; `updates` are its groups as it told them. */
export function follow(discoverer: Discoverer): readonly (readonly TargetGroup[])[] {
  const updates: (readonly TargetGroup[])[] = [];
  discoverer.start((groups) => updates.push(groups));
  return updates;
}

/** Each target with its group's labels, as relabelling sees it. */
export function flat(groups: readonly TargetGroup[] | undefined): Record<string, string>[] {
  return (groups ?? []).flatMap(({ labels, targets }) => targets.map((target) => ({ ...labels, ...target })));
}

export interface FakeServer {
  readonly url: string;
  close(): Promise<void>;
}

/** An HTTP server for one test, on a loopback port or a Unix socket. */
export async function fakeServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  socket?: string,
): Promise<FakeServer> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => {
    if (socket === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(socket, resolve);
  });
  const address: AddressInfo | string | null = server.address();
  return {
    url:
      typeof address === 'object' && address !== null
        ? `http://127.0.0.1:${address.port}`
        : `unix://${socket}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export function json(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}
