import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { listening, testCertificate, testEgress } from '../../egress/testing/setup.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { compileProbe } from '../compile.ts';
import { probeDefinition } from '../definition.ts';
import { testContext } from '../testing/context.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
async function serve(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  servers.push(server);
  return listening(server);
}
async function look(port: number, options: object = {}, context = testContext()) {
  const definition = probeDefinition.parse({
    type: 'tcp',
    name: 'x',
    target: `127.0.0.1:${port}`,
    ...options,
  });
  return await compileProbe(definition).look?.(context);
}

describe('the TCP prober', () => {
  it('connects, or says why not', async () => {
    const port = await serve((socket) => socket.end());
    expect(await look(port)).toMatchObject({ success: true, reason: '' });
    servers.splice(0).forEach((server) => server.close());
    expect((await look(port))?.reason).toBe(`cannot connect to 127.0.0.1:${port}: connection refused`);
  });

  it('talks line by line, with what it heard', async () => {
    const heard: string[] = [];
    const port = await serve((socket) => {
      socket.write('220 mail.example');
      socket.write(' ESMTP\r\n');
      socket.on('data', (chunk) => {
        heard.push(chunk.toString());
        socket.write('250-first\r\n250 STARTTLS\r\n');
      });
    });
    const steps = [{ expect: '^220 (\\S+) ESMTP' }, { send: 'EHLO ${1}' }, { expect: '^250 STARTTLS' }];
    expect(await look(port, { steps })).toMatchObject({ success: true, reason: '' });
    expect(heard.join('')).toBe('EHLO mail.example\n');
  });

  it('says what it waited for and what came', async () => {
    const port = await serve((socket) => socket.end('500 go away\n'));
    const steps = [{ expect: '^220' }];
    expect((await look(port, { steps }))?.reason).toBe(
      'no line matches "^220": the server closed the connection; its last line is "500 go away"',
    );
    // Its time is over once it was spoken to, not before, however busy the machine is.
    const clock = new ManualClock();
    const silent = await serve((socket) => socket.once('data', () => void clock.advance(100)));
    const asking = { steps: [{ send: 'HELO' }, ...steps], timeout: '100ms' };
    expect((await look(silent, asking, testContext({}, testEgress({ clock }))))?.reason).toContain(
      'no line matches "^220": the time is over; it said nothing',
    );
    const endless = await serve((socket) => socket.write('x'.repeat(100_000)));
    expect((await look(endless, { steps }))?.reason).toContain('more than 65536 bytes');
  });

  it('goes over to TLS in the middle of a conversation', async () => {
    const made = await testCertificate('mail.example');
    const port = await serve((socket) => {
      socket.write('220 ready\n');
      socket.once('data', () => {
        socket.write('220 go ahead\n');
        const secure = new TLSSocket(socket, { isServer: true, ...made });
        secure.on('error', () => {});
        secure.once('data', () => secure.write('250 secret\n'));
      });
    });
    const steps = [
      { expect: '^220 ready' },
      { send: 'STARTTLS' },
      { expect: '^220', starttls: true },
      { send: 'EHLO' },
      { expect: '^250 secret' },
    ];
    const tls = { ca: made.cert, server_name: 'mail.example' };
    expect(await look(port, { steps, tls })).toMatchObject({ success: true, reason: '' });
    expect((await look(port, { steps, tls: { server_name: 'mail.example' } }))?.reason).toContain(
      'no TLS with 127.0.0.1',
    );
  });
});
