import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { tailFrame } from './logs.ts';
import type { Scenario } from './world.ts';

const PATH = 'loki/api/v1/tail';
const EVERY_MS = 50;

export interface MockTails {
  /** Ends every connection, as if the process had died. */
  drop(): void;
}

/** Live tails over WebSockets: twenty lines of the past, then one every moment, each with a later second. */
export function serveTails(server: Server, base: string, scenario: () => Scenario): MockTails {
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = new URL(request.url ?? '/', 'http://mock');
    if (url.pathname !== `${base}${PATH}` || ['offline', 'error'].includes(scenario())) {
      socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) =>
      follow(opened, url.searchParams.get('query') ?? '', scenario),
    );
  });
  return {
    drop: () => {
      for (const client of sockets.clients) client.terminate();
    },
  };
}

function follow(socket: WebSocket, query: string, scenario: () => Scenario): void {
  let at = BigInt(Math.floor(Date.now() / 1000));
  if (scenario() === 'empty') return;
  socket.send(tailFrame(scenario(), query, at - 19n, at));
  const timer = setInterval(() => {
    at++;
    socket.send(tailFrame(scenario(), query, at, at));
  }, EVERY_MS);
  socket.once('close', () => clearInterval(timer));
}
