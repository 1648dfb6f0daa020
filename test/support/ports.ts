import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux gives to outgoing connections and to whoever asks for any: nobody gets these by chance. */
const FREE_PORTS = [20_000, 26_000] as const;
/** From a port to the UDP port that says whose it is. */
const TO_CLAIM = FREE_PORTS[1] - FREE_PORTS[0];

/**
 * A port of the loopback address that nothing listens on, and that no other process is given by this function while this one runs:
 * whoever holds the UDP port that belongs to it may use it. The kernel gives that to one process only, and takes it back at its end.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...FREE_PORTS);
    if ((await isClaimed(port + TO_CLAIM)) && (await isFree(port))) return port;
  }
}

async function isClaimed(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  socket.bind({ port, address: '127.0.0.1', exclusive: true });
  try {
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    return refusesBusy(error);
  }
  socket.unref();
  return true;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen({ port, host: '127.0.0.1', exclusive: true });
  try {
    await once(server, 'listening');
  } catch (error) {
    return refusesBusy(error);
  }
  server.close();
  await once(server, 'close');
  return true;
}

/** False when another has the port; what else went wrong is thrown. */
function refusesBusy(error: unknown): false {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
  throw error;
}
