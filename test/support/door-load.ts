import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import type { Receiver } from './deliver.ts';
import {
  answeredLines,
  areThereOnce,
  FILE_LINES,
  LOG_DOOR_NAMES,
  LogFile,
  LogPusher,
  linesAreThereOnce,
} from './log-doors.ts';
import { freePort } from './ports.ts';
import { SPAN_DOOR_NAMES, SpanPusher } from './span-doors.ts';
import type { StoredRows } from './stored.ts';

const FORMATS = Object.keys(FILE_LINES) as (keyof typeof FILE_LINES)[]; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the keys of a constant
const TRANSPORTS = ['tcp', 'tls', 'udp'] as const;
type Transport = (typeof TRANSPORTS)[number];

const run = promisify(execFile);

/** Where syslog listens, by transport. */
type SyslogPorts = Readonly<Record<Transport, number>>;

/** One sender for each door of logs and traces, each with a service of its own. */
export class DoorLoad {
  readonly #folder: string;
  readonly #grpcPort: number;
  readonly #ports: SyslogPorts;
  readonly #logs = LOG_DOOR_NAMES.map((door) => ({
    service: `pushed-${door}`,
    pusher: new LogPusher(`pushed-${door}`, [door]),
  }));
  readonly #spans = SPAN_DOOR_NAMES.map((door) => ({
    service: `traced-${door}`,
    pusher: new SpanPusher(`traced-${door}`, [door]),
  }));
  readonly #files: readonly { readonly service: string; readonly file: LogFile }[];
  readonly #sent: Record<Transport, number> = { tcp: 0, tls: 0, udp: 0 };

  private constructor(folder: string, grpcPort: number, ports: SyslogPorts) {
    this.#folder = folder;
    this.#grpcPort = grpcPort;
    this.#ports = ports;
    this.#files = FORMATS.map((format) => ({
      service: `followed-${format}`,
      file: new LogFile(join(folder, `followed-${format}.log`), format),
    }));
  }

  /** @param folder for the followed files and the certificate. */
  static async open(folder: string): Promise<DoorLoad> {
    const [tcp, tls, udp, grpc] = [await freePort(), await freePort(), await freePort(), await freePort()];
    const pair = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    await run('openssl', ['req', '-x509', ...curve, '-nodes', '-subj', '/CN=localhost', ...pair]);
    return new DoorLoad(folder, grpc, { tcp, tls, udp });
  }

  /** The part of a server's configuration that opens the doors. */
  get config(): string {
    const { tcp, tls, udp } = this.#ports;
    const folder = this.#folder;
    const follow = FORMATS.map(
      (format) =>
        `{paths: ['${folder}/followed-${format}.log*'], format: ${format}, service: followed-${format}}`,
    );
    const certificate = `{cert_file: '${folder}/cert.pem', key_file: '${folder}/key.pem'}`;
    return (
      `logs:\n  syslog: {tcp: ${tcp}, tls: ${tls}, udp: ${udp}, tls_server_config: ${certificate}}\n` +
      `  files: {roots: ['${folder}'], poll_interval: 50ms, follow: [${follow.join(', ')}]}\n`
    );
  }

  get args(): readonly string[] {
    return ['--set', `web.extra_ports.otlp_grpc=${this.#grpcPort}`];
  }

  /** All senders at once until the signal ends; each begins with what it sent last, as one does that heard nothing. */
  async run(url: string, signal: AbortSignal): Promise<void> {
    const to = this.#receiver(url);
    await Promise.all([
      ...[...this.#logs, ...this.#spans].map(({ pusher }) => pushing(pusher, to, signal)),
      ...TRANSPORTS.map((transport) => this.#syslog(transport, signal)),
      this.#write(signal),
    ]);
  }

  /** Every last push once more; all of them must be taken. */
  async repeat(url: string): Promise<void> {
    for (const { service, pusher } of [...this.#logs, ...this.#spans])
      expect([service, await pusher.repeat(this.#receiver(url))]).toEqual([service, true]);
  }

  /** Waits until every line of the files is answered: what stands in a file needs no acknowledgement. */
  async filesAreRead(url: string): Promise<void> {
    for (const { service, file } of this.#files)
      while ((await answeredLines(url, service)).size < file.written.size) await systemClock.sleep(100);
  }

  /** What a reader is shown: every line once. */
  async areAnswered(url: string): Promise<void> {
    for (const { service, pusher } of this.#logs) await linesAreThereOnce(url, service, pusher.acknowledged);
    for (const { service, file } of this.#files) await linesAreThereOnce(url, service, file.written);
  }

  /** What is stored: every line and span that was acknowledged, nothing twice. Says how many there are by door. */
  async check(rows: StoredRows): Promise<string> {
    const told: string[] = [];
    for (const { service, pusher } of this.#logs) {
      areThereOnce(await rows.lines(service), pusher.acknowledged, service);
      told.push(`${service} ${pusher.acknowledged.size}`);
    }
    for (const { service, pusher } of this.#spans) {
      areThereOnce(await rows.spans(service), pusher.acknowledged, service);
      told.push(`${service} ${pusher.acknowledged.size}`);
    }
    for (const { service, file } of this.#files) {
      areThereOnce(await rows.lines(service), file.written, service);
      told.push(`${service} ${file.written.size}`);
    }
    // Syslog acknowledges nothing: what was on its way at a kill is gone, the rest is there once.
    for (const transport of TRANSPORTS) {
      const stored = await rows.lines(`logged-${transport}`);
      areThereOnce(stored, new Set(), `logged-${transport}`);
      expect(stored.size, transport).toBeGreaterThan(0);
      told.push(`logged-${transport} ${stored.size} of ${this.#sent[transport]}`);
    }
    return told.join(', ');
  }

  #receiver(url: string): Receiver {
    return { url, grpcPort: this.#grpcPort };
  }

  async #write(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const { file } of this.#files) file.write();
      await systemClock.sleep(40);
    }
  }

  async #syslog(transport: Transport, signal: AbortSignal): Promise<void> {
    const line = (): string =>
      `<13>1 ${new Date().toISOString()} host logged-${transport} - - - syslog line ${this.#sent[transport]++}`;
    const { write, close } = sender(transport, this.#ports[transport]);
    while (!signal.aborted) {
      write(line());
      await systemClock.sleep(5);
    }
    close();
  }
}

async function pushing(pusher: LogPusher | SpanPusher, to: Receiver, signal: AbortSignal): Promise<void> {
  try {
    await pusher.repeat(to);
    while (!signal.aborted) await pusher.push(to);
  } catch {
    // Killed: the next round repeats what was on the way.
  }
}

function sender(transport: Transport, port: number): { write: (line: string) => void; close: () => void } {
  if (transport === 'udp') {
    const socket = createSocket('udp4');
    socket.on('error', () => {});
    return { write: (line) => socket.send(line, port, '127.0.0.1'), close: () => void socket.close() };
  }
  const socket: Socket =
    transport === 'tcp'
      ? connect(port, '127.0.0.1')
      : connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  socket.on('error', () => {});
  return { write: (line) => void socket.write(`${line}\n`), close: () => void socket.destroy() };
}
