import { createSocket, type Socket } from 'node:dgram';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { listening } from '../../egress/testing/setup.ts';
import { compileProbe } from '../compile.ts';
import { probeDefinition } from '../definition.ts';
import { testContext, valueOf } from '../testing/context.ts';

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

interface Said {
  readonly flags?: number;
  readonly records?: readonly { readonly type: number; readonly data: readonly number[] }[];
}

/** An answer whose records point at the name of the question. */
function answerTo(query: Buffer, { flags = 0x8180, records = [] }: Said): Buffer {
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(flags, 2);
  head.writeUInt16BE(records.length, 6);
  const rows = records.map(({ type, data }) => {
    const row = Buffer.alloc(12);
    row.writeUInt16BE(0xc00c, 0);
    row.writeUInt16BE(type, 2);
    row.writeUInt16BE(1, 4);
    row.writeUInt32BE(300, 6);
    row.writeUInt16BE(data.length, 10);
    return Buffer.concat([row, Buffer.from(data)]);
  });
  return Buffer.concat([head, query.subarray(12), ...rows]);
}

async function nameServer(say: (query: Buffer) => Buffer | null): Promise<number> {
  const socket = createSocket('udp4');
  open.push(socket);
  socket.on('message', (query, from) => {
    const answer = say(query);
    if (answer !== null) socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket.address().port;
}

async function look(port: number, options: object = {}) {
  const definition = probeDefinition.parse({
    type: 'dns',
    name: 'x',
    target: 'order.example',
    server: `127.0.0.1:${port}`,
    ...options,
  });
  const result = await compileProbe(definition).look?.(testContext());
  if (result === undefined) throw new Error('a DNS probe looks');
  return result;
}

describe('the DNS prober', () => {
  it('asks its own name server, and holds the answer against what is expected', async () => {
    const port = await nameServer((query) =>
      answerTo(query, { records: [{ type: 1, data: [10, 0, 0, 7] }] }),
    );
    const fine = await look(port, { answers: ['\\b10\\.0\\.0\\.7$'] });
    expect([fine.reason, valueOf(fine, 'probe_dns_answer_rrs')]).toEqual(['', 1]);
    expect((await look(port, { answers: ['10\\.0\\.0\\.8'] })).reason).toContain(
      'the record does not match "10\\.0\\.0\\.8"; it begins with "order.example. 300 IN A 10.0.0.7"',
    );
    expect((await look(port, { record: 'MX' })).reason).toBe('order.example has no record MX');
  });

  it.each<readonly [string, number, readonly number[], string]>([
    ['MX', 15, [0, 10, 4, 109, 97, 105, 108, 0xc0, 12], '10 mail.order.example.'],
    ['TXT', 16, [3, 97, 34, 98, 1, 99], '"a\\"b" "c"'],
    ['CNAME', 5, [1, 97, 0xc0, 12], 'a.order.example.'],
    ['AAAA', 28, [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 'fd00::1'],
  ])('reads %s', async (record, type, data, value) => {
    const port = await nameServer((query) => answerTo(query, { records: [{ type, data }] }));
    const pattern = value.replaceAll(/[.\\]/g, '\\$&');
    expect((await look(port, { record, answers: [`\t${pattern}$`] })).reason).toBe('');
  });

  it('tells a refusal, silence and nonsense apart', async () => {
    const missing = await nameServer((query) => answerTo(query, { flags: 0x8183 }));
    expect((await look(missing)).reason).toBe('the name server says NXDOMAIN, expected NOERROR');
    expect((await look(missing, { rcode: ['NXDOMAIN'] })).success).toBe(true);
    const silent = await nameServer(() => null);
    expect((await look(silent, { timeout: '100ms' })).reason).toBe(
      'the name server 127.0.0.1 did not answer within 0.1 s',
    );
    const rot = await nameServer((query) => answerTo(query, { records: [{ type: 1, data: [1] }] }));
    expect((await look(rot)).reason).toContain('the answer is cut off');
    const forged = await nameServer((query) => {
      const answer = answerTo(query, {});
      answer.writeUInt16BE(query.readUInt16BE(0) ^ 1, 0);
      return answer;
    });
    expect((await look(forged, { timeout: '100ms' })).reason).toContain('did not answer');
  });

  it('asks over TCP when the answer is too long for a datagram', async () => {
    const tcp = createServer((socket) =>
      socket.on('data', (bytes) => {
        const answer = answerTo(bytes.subarray(2), { records: [{ type: 1, data: [10, 0, 0, 7] }] });
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length);
        socket.write(Buffer.concat([length, answer]));
      }),
    );
    const port = await listening(tcp);
    const udp = createSocket('udp4');
    open.push(udp);
    udp.on('message', (query, from) => udp.send(answerTo(query, { flags: 0x8380 }), from.port, from.address));
    await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve));
    try {
      expect(valueOf(await look(port), 'probe_dns_answer_rrs')).toBe(1);
      expect((await look(port, { transport: 'tcp' })).reason).toBe('');
    } finally {
      tcp.close();
    }
  });
});
