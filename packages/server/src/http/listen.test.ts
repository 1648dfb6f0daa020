import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { explainListen, isTaken, listeningInodes, portOwner } from './listen.ts';

const server = createServer();
afterEach(() => new Promise((resolve) => server.close(resolve)));

describe('a taken port', () => {
  it('is named with its owner and the way out', async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    if (process.platform === 'linux') expect(await portOwner(port)).toMatchObject({ pid: process.pid });
    expect(await isTaken('127.0.0.1', port)).toBe(true);
    expect(await isTaken('127.0.0.1', 0)).toBe(false);
    const taken = await explainListen(
      Object.assign(new Error('x'), { code: 'EADDRINUSE' }),
      '127.0.0.1',
      port,
      'PHAROS_PORT',
    );
    expect(taken.message).toContain(`port ${port} on 127.0.0.1 is taken`);
    expect(taken.message).toContain(`PHAROS_PORT=${port + 1}`);
  });

  it('reads only listening sockets of that port', () => {
    const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1234 1 0
   1: 0100007F:1F40 0100007F:A000 01 00000000:00000000 00:00000000 00000000     0        0 5678 1 0
   2: 0100007F:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 9999 1 0`;
    expect(listeningInodes(table, 8000)).toEqual(['socket:[1234]']);
  });
});
