import { Buffer } from 'node:buffer';
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../kernel/clock.ts';
import { silentLog } from '../../../kernel/log.ts';
import { seededRandom } from '../../../kernel/random.ts';
import { createTelemetry } from '../../../kernel/telemetry.ts';
import { logsErrors } from '../../errors.ts';
import type { LogAppender, LogSink } from '../../sink.ts';
import { logsTelemetry } from '../../telemetry.ts';
import { nanosOf } from '../../time.ts';
import { LogDoors } from '../service.ts';
import { syslogSchema } from './config.ts';
import { SyslogService } from './service.ts';

const SOON = { timeout: 30_000 };

/** A store that takes lines only while it is open; what it holds is durable. */
class GatedSink implements LogSink {
  readonly lines: string[] = [];
  readonly times: bigint[] = [];
  isOpen = true;
  tries = 0;

  appender(): LogAppender {
    this.tries++;
    if (!this.isOpen) throw logsErrors.make('busy', 'closed');
    const taken: string[] = [];
    return {
      stream: () => 1,
      append: (_ref, { time, bytes, start, end, metadata }) => {
        taken.push(`${Buffer.from(bytes).toString('utf8', start, end)} ${metadata.join(' ')}`);
        this.times.push(nanosOf(time));
      },
      problem: () => null,
      refuse: () => {},
      adopt: () => {},
      rollback: () => {},
      commit: () => {
        this.lines.push(...taken);
        return Promise.resolve({ stored: taken.length, duplicates: 0, refused: [] });
      },
    };
  }
}

const opened: { service: SyslogService; sockets: Socket[] }[] = [];

async function setup(config: object, seed = 1) {
  const telemetry = createTelemetry();
  const sink = new GatedSink();
  const doors = new LogDoors({
    sink,
    clock: systemClock,
    telemetry: logsTelemetry(telemetry, () => ({
      streams: 0,
      pendingLines: 0,
      pendingBytes: 0,
      newestBytes: 0,
    })),
    breathe: () => Promise.resolve(),
  });
  const service = new SyslogService({
    doors,
    clock: systemClock,
    random: seededRandom(seed),
    log: silentLog,
    telemetry,
    config: syslogSchema.parse(config),
    tenant: 'default',
  });
  await service.start();
  const sockets: Socket[] = [];
  opened.push({ service, sockets });
  const portOf = (transport: string) => service.ports.find((port) => port.transport === transport)?.port ?? 0;
  const metric = async (name: string, labels: Record<string, string> = {}): Promise<number> => {
    const family = (await telemetry.families()).find((f) => f.name === name);
    const fits = (own: Readonly<Record<string, string>>) =>
      Object.entries(labels).every(([label, value]) => own[label] === value);
    return (family?.samples ?? []).filter((s) => fits(s.labels)).reduce((sum, { value }) => sum + value, 0);
  };
  const dial = (transport: 'tcp' | 'tls' = 'tcp'): Socket => {
    const socket = connect(portOf(transport), '127.0.0.1');
    socket.on('error', () => {});
    sockets.push(socket);
    return socket;
  };
  const datagram = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = createSocket('udp4');
      socket.send(text, portOf('udp'), '127.0.0.1', (error) => {
        socket.close();
        if (error === null) resolve();
        else reject(error);
      });
    });
  return { sink, service, metric, dial, datagram };
}

afterEach(async () => {
  for (const { service, sockets } of opened.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await service.stop(AbortSignal.timeout(2000));
  }
});

describe('syslog listeners', () => {
  it('take both framings on one connection, and what comes before its end', async () => {
    const { sink, dial, metric } = await setup({ tcp: [0] });
    dial().end('<11>1 - h app 7 m - one\n19 <13>app: two\nthree!<13>app[9]: four\nnonsense');
    await vi.waitFor(() => expect(sink.lines).toHaveLength(4), SOON);
    expect(sink.lines).toEqual([
      'one severity err facility user process_id 7 message_id m',
      'two\nthree! severity notice facility user',
      'four severity notice facility user process_id 9',
      'nonsense severity notice facility user',
    ]);
    expect(await metric('pharos_syslog_malformed_total', { reason: 'no_priority' })).toBe(1);
  });

  it('give equal lines of a second places of their own, also after a restart', async () => {
    const second = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const times: bigint[] = [];
    for (const seed of [1, 2]) {
      const { sink, dial } = await setup({ tcp: [0] }, seed);
      dial().end(`<11>1 ${second} h app - - - again\n`.repeat(3));
      await vi.waitFor(() => expect(sink.times).toHaveLength(3), SOON);
      times.push(...sink.times);
    }
    expect(new Set(times).size).toBe(6);
    expect(times.every((time) => time / 1_000_000n === BigInt(Date.parse(second)))).toBe(true);
  });

  it('hold senders back over TCP while the store is slow, and lose nothing', async () => {
    const { sink, dial } = await setup({ tcp: [0] });
    sink.isOpen = false;
    const socket = dial();
    const line = `<13>app: ${'x'.repeat(4000)}`;
    const count = 4000;
    socket.write(`${line}\n`);
    await vi.waitFor(() => expect(sink.tries).toBeGreaterThan(0), SOON);
    const sent = new Promise((resolve) => {
      for (let i = 1; i < count; i++) socket.write(`${line}\n`);
      socket.end(() => resolve(null));
    });
    await vi.waitFor(() => expect(sink.tries).toBeGreaterThan(1), SOON);
    // 16 MB do not fit the buffers between: the sender waits.
    expect(socket.writableLength).toBeGreaterThan(0);
    expect(sink.lines).toHaveLength(0);
    sink.isOpen = true;
    await sent;
    await vi.waitFor(() => expect(sink.lines).toHaveLength(count), SOON);
  });

  it('drop over UDP what does not fit the queue, counted', async () => {
    const { sink, datagram, metric } = await setup({ udp: 0, queue: 1000 });
    sink.isOpen = false;
    const count = 20;
    for (let i = 0; i < count; i++) await datagram(`<13>app: ${i}\n`);
    const dropped = () => metric('pharos_syslog_dropped_total', { transport: 'udp', reason: 'queue_full' });
    await vi.waitFor(
      async () =>
        expect((await dropped()) + (await metric('pharos_syslog_queued_bytes')) / 100).toBeGreaterThan(19),
      SOON,
    );
    sink.isOpen = true;
    await vi.waitFor(async () => expect(sink.lines.length + (await dropped())).toBe(count), SOON);
    expect(await dropped()).toBeGreaterThan(0);
    expect(sink.lines.length).toBeGreaterThan(0);
    await vi.waitFor(async () => expect(await metric('pharos_syslog_queued_bytes')).toBe(0), SOON);
  });

  it('cut long messages and refuse connections over the limit', async () => {
    const { sink, dial, metric } = await setup({ tcp: 0, max_message: 480, max_connections: 1 });
    dial().write(`<13>app: ${'x'.repeat(600)}\n`);
    await vi.waitFor(() => expect(sink.lines).toHaveLength(1), SOON);
    expect(sink.lines[0]).toMatch(/^x{471} /);
    expect(await metric('pharos_syslog_malformed_total', { reason: 'too_long' })).toBe(1);
    const second = dial();
    await new Promise((resolve) => second.once('close', resolve));
    expect(await metric('pharos_syslog_connections_refused_total')).toBe(1);
  });

  it('store what was received before they stop, and count what cannot be', async () => {
    const { sink, dial, metric, service } = await setup({ tcp: 0 });
    sink.isOpen = false;
    dial().write('<13>app: late\n');
    await vi.waitFor(() => expect(sink.tries).toBeGreaterThan(0), SOON);
    await service.stop(AbortSignal.abort());
    expect(await metric('pharos_syslog_dropped_total', { transport: 'tcp', reason: 'stopped' })).toBe(1);
  });

  it('take messages over TLS (RFC 5425), and count who speaks something else', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pharos-syslog-'));
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    await promisify(execFile)('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-subj',
      '/CN=localhost',
      '-keyout',
      key,
      '-out',
      cert,
    ]);
    const { sink, service, metric, dial } = await setup({
      tls: 0,
      tls_server_config: { cert_file: cert, key_file: key },
    });
    expect(service.ports.map(({ transport }) => transport)).toEqual(['tls']);
    const port = service.ports[0]?.port ?? 0;
    const message = '<11>1 - h app 7 m - over TLS';
    const socket = connectTls({ host: '127.0.0.1', port, ca: await readFile(cert), servername: 'localhost' });
    socket.end(`${message.length} ${message}`);
    await vi.waitFor(() => expect(sink.lines).toHaveLength(1), SOON);
    expect(sink.lines[0]).toMatch(/^over TLS /);
    expect(await metric('pharos_syslog_messages_total', { transport: 'tls', format: 'rfc5424' })).toBe(1);
    dial('tls').write(`${message}\n`);
    await vi.waitFor(async () => expect(await metric('pharos_syslog_handshakes_failed_total')).toBe(1), SOON);
    expect(sink.lines).toHaveLength(1);
    await rm(directory, { recursive: true });
  });

  it('go on without a port that cannot be had', async () => {
    const first = await setup({ tcp: 0 });
    const port = first.service.ports[0]?.port ?? 0;
    const { service } = await setup({ tcp: [port, 0] });
    expect(service.ports).toHaveLength(1);
  });
});

describe('the configuration', () => {
  it('reads addresses; a port alone is loopback', () => {
    const { tcp, udp } = syslogSchema.parse({
      tcp: [5514, '0.0.0.0:601', '[::1]:5514', 'logs.example:1'],
      udp: '514',
    });
    expect(tcp).toEqual([
      { host: '127.0.0.1', port: 5514 },
      { host: '0.0.0.0', port: 601 },
      { host: '::1', port: 5514 },
      { host: 'logs.example', port: 1 },
    ]);
    expect(udp).toEqual([{ host: '127.0.0.1', port: 514 }]);
    expect(syslogSchema.safeParse({ tls: 6514 }).error?.issues).toMatchObject([
      { path: ['tls_server_config'] },
    ]);
  });

  it.each([{ tcp: ':514' }, { tcp: 70_000 }, { tcp: '1.2.3:5' }, { udp: '*:514' }, { time_zone: 'Mars' }])(
    'refuses %j',
    (config) => {
      expect(syslogSchema.safeParse(config).success).toBe(false);
    },
  );
});
