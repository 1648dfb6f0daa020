import { execFile } from 'node:child_process';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as GrpcExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import pino from 'pino';
import type { LokiOptions } from 'pino-loki';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  freePort,
  peerBinary,
  type RunningPeer,
  startSyslogNg,
  whySyslogNgRefuses,
} from '../support/peers.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

const run = promisify(execFile);

interface FoundLine {
  readonly timestamp: string;
  readonly message: string;
  readonly level: string;
  readonly service: string;
  readonly labels: Record<string, string>;
  readonly metadata: Record<string, string>;
}

/** Programs that people have, sending to one server; what they sent is read back. */
describe('log senders', () => {
  let pharos: RunningPharos;
  let tcp = 0;
  let udp = 0;
  let grpc = 0;

  beforeAll(async () => {
    [tcp, udp, grpc] = [await freePort(), await freePort(), await freePort()];
    pharos = await startPharosProcess({
      config: `self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nlogs:\n  syslog: {tcp: ${tcp}, udp: ${udp}}\n`,
      args: ['--set', `web.extra_ports.otlp_grpc=${grpc}`],
    });
  });

  afterAll(async () => {
    await pharos.stop();
    await removeData(pharos);
  });

  /** The lines of a service, oldest first, once there are so many. */
  async function linesOf(service: string, count: number): Promise<readonly FoundLine[]> {
    return vi.waitFor(
      async () => {
        const query = new URLSearchParams({ window: '1h', service, direction: 'forward', limit: '1000' });
        const answer = await fetch(`${pharos.url}/api/logs?${query.toString()}`);
        const { logs } = (await answer.json()) as { logs: FoundLine[] };
        expect(logs.length).toBeGreaterThanOrEqual(count);
        return logs;
      },
      { timeout: 20_000, interval: 50 },
    );
  }

  it.each([
    ['TCP, a line each', ['--tcp', '--rfc5424'], 'sent-tcp'],
    ['TCP, counted', ['--tcp', '--octet-count', '--rfc5424'], 'sent-octets'],
    ['TCP, the old format', ['--tcp', '--rfc3164'], 'sent-old'],
    ['UDP', ['--udp', '--rfc5424'], 'sent-udp'],
    ['UDP, the old format', ['--udp', '--rfc3164'], 'sent-udp-old'],
  ])('logger(1) over %s', async (_name, options, tag) => {
    const port = options.includes('--tcp') ? tcp : udp;
    const data = options.includes('--rfc5424')
      ? ['--sd-id', 'shop@32473', '--sd-param', 'order="a \\"b\\""', '--msgid', 'M1']
      : [];
    const before = Date.now();
    await run('logger', [
      '--server=127.0.0.1',
      `--port=${port}`,
      '--priority=local3.err',
      `--tag=${tag}`,
      '--id=4711',
      ...options,
      ...data,
      'disk füll: no space left',
    ]);
    const [line] = await linesOf(tag, 1);
    expect(line).toMatchObject({
      message: 'disk füll: no space left',
      level: 'error',
      labels: { service_name: tag, job: 'syslog', host: expect.stringMatching(/./) },
      metadata: { severity: 'err', facility: 'local3', process_id: '4711' },
    });
    if (data.length > 0)
      expect(line?.metadata).toMatchObject({ shop_32473_order: 'a "b"', message_id: 'M1' });
    const at = Date.parse(line?.timestamp ?? '');
    expect(at).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000 - 1000);
    expect(at).toBeLessThanOrEqual(Date.now() + 1000);
  });

  it('logger(1) with many equal lines: each is kept', async () => {
    const file = join(pharos.directory, 'equal.txt');
    await writeFile(file, 'the same\n'.repeat(50));
    const options = [
      '--server',
      '127.0.0.1',
      '--port',
      String(tcp),
      '--tcp',
      '--tag',
      'equal',
      '--file',
      file,
    ];
    await run('logger', options);
    const lines = await linesOf('equal', 50);
    expect(lines.map(({ message }) => message)).toEqual(Array.from({ length: 50 }, () => 'the same'));
  });

  it('syslog-ng over its own framing and the old one', async (context) => {
    const peer = await peerBinary('syslog-ng');
    if (peer.path === null) return context.skip(peer.reason);
    const file = join(pharos.directory, 'ng.log');
    const config = join(pharos.directory, 'ng.conf');
    await writeFile(file, '');
    await writeFile(
      config,
      [
        '@version: 3.38',
        `source s { file("${file}" follow-freq(0.1) flags(no-parse) program-override("ng-app") default-priority(crit)); };`,
        `destination d { syslog("127.0.0.1" transport("tcp") port(${tcp})); };`,
        `destination o { network("127.0.0.1" transport("tcp") port(${tcp}) persist-name("old") template("<$PRI>$DATE shop-host ng-old[99]: $MSG\\n")); };`,
        'log { source(s); destination(d); destination(o); };',
      ].join('\n'),
    );
    const sender: RunningPeer = startSyslogNg(peer.path, config);
    try {
      const messages = Array.from({ length: 100 }, (_, i) => `order ${i} «ok»`);
      await appendFile(file, `${messages.join('\n')}\n`);
      const counted = await linesOf('ng-app', messages.length);
      expect(counted.map(({ message }) => message)).toEqual(messages);
      expect(counted[0]).toMatchObject({ level: 'critical', metadata: { severity: 'crit' } });
      const old = await linesOf('ng-old', messages.length);
      expect(old.map(({ message }) => message)).toEqual(messages);
      expect(old[0]).toMatchObject({ labels: { host: 'shop-host' }, metadata: { process_id: '99' } });
    } finally {
      await sender.stop();
    }
  });

  it("syslog-ng over HTTP, as a sender of Loki's", async (context) => {
    const peer = await peerBinary('syslog-ng');
    if (peer.path === null) return context.skip(peer.reason);
    const file = join(pharos.directory, 'ng-http.log');
    const config = join(pharos.directory, 'ng-http.conf');
    await writeFile(file, '');
    const body =
      '{"streams":[{"stream":{"job":"syslog-ng","service_name":"ng-http","host":"shop-host"},"values":[["${R_UNIXTIME}000000000","$(sanitize $MESSAGE)"]]}]}';
    await writeFile(
      config,
      [
        '@version: 3.38',
        `source s { file("${file}" follow-freq(0.1) flags(no-parse)); };`,
        `destination d { http(url("${pharos.url}/loki/api/v1/push") method("POST") headers("Content-Type: application/json") body('${body}')); };`,
        'log { source(s); destination(d); };',
      ].join('\n'),
    );
    const reason = await whySyslogNgRefuses(peer.path, config);
    if (reason !== null) return context.skip(reason);
    const sender: RunningPeer = startSyslogNg(peer.path, config);
    try {
      const messages = Array.from({ length: 50 }, (_, i) => `order ${i} «ok»`);
      await appendFile(file, `${messages.join('\n')}\n`);
      const lines = await linesOf('ng-http', messages.length);
      expect(lines.map(({ message }) => message).sort()).toEqual(messages.sort());
      expect(lines[0]).toMatchObject({ labels: { job: 'syslog-ng', host: 'shop-host' } });
    } finally {
      await sender.stop();
    }
  });

  const exporters: Record<string, () => LogRecordExporter> = {
    'http/protobuf': () => new ProtobufExporter({ url: `${pharos.url}/v1/logs` }),
    'http/json': () => new JsonExporter({ url: `${pharos.url}/otlp/v1/logs` }),
    grpc: () => new GrpcExporter({ url: `http://127.0.0.1:${grpc}` }),
  };

  it.each(Object.keys(exporters))("OpenTelemetry's SDK by %s", async (protocol) => {
    const exporter = exporters[protocol]?.();
    if (exporter === undefined) throw new Error(protocol);
    const service = `sdk-${protocol.replace('/', '-')}`;
    const provider = new LoggerProvider({
      resource: resourceFromAttributes({
        'service.name': service,
        'deployment.environment.name': 'test',
        'host.name': 'a machine',
      }),
      processors: [new BatchLogRecordProcessor({ exporter })],
    });
    const logger = provider.getLogger('acceptance', '1.2');
    const start = Date.now();
    const count = 300;
    for (let i = 0; i < count; i++)
      logger.emit({
        timestamp: start - count + i,
        severityNumber: SeverityNumber.WARN,
        severityText: 'WARN',
        body: i === 0 ? { order: 7, items: ['ä'] } : `order ${i} «late»`,
        attributes: { 'order.id': i, nested: { deep: true }, list: [1, 2] },
      });
    await provider.forceFlush();
    await provider.shutdown();
    const lines = await linesOf(service, count);
    expect(lines.map(({ message }) => message)).toEqual(
      Array.from({ length: count }, (_, i) => (i === 0 ? '{"order":7,"items":["ä"]}' : `order ${i} «late»`)),
    );
    expect(lines.map(({ timestamp }) => Date.parse(timestamp))).toEqual(
      Array.from({ length: count }, (_, i) => start - count + i),
    );
    expect(lines[5]).toMatchObject({
      level: 'warn',
      labels: { service_name: service, deployment_environment_name: 'test' },
      metadata: {
        order_id: '5',
        nested: '{"deep":true}',
        list: '[1,2]',
        host_name: 'a machine',
        scope_name: 'acceptance',
        scope_version: '1.2',
        severity_text: 'WARN',
      },
    });
  });

  it('pino-loki, in its worker', async () => {
    const transport = pino.transport<LokiOptions>({
      target: 'pino-loki',
      options: {
        host: pharos.url,
        labels: { service_name: 'pino-shop' },
        propsToLabels: ['kind'],
        structuredMetaKey: 'meta',
        batching: { interval: 0.1 },
      },
    });
    const logger = pino({ base: null }, transport);
    const count = 50;
    for (let i = 0; i < count; i++)
      logger.error({ kind: 'order', meta: { request_id: `r-${i}` } }, `order ${i} «late»`);
    logger.info('done');
    const lines = await linesOf('pino-shop', count + 1);
    transport.end();
    const messages = lines.map(({ message }) => (JSON.parse(message) as { msg: string }).msg);
    expect([...messages].sort()).toEqual(
      [...Array.from({ length: count }, (_, i) => `order ${i} «late»`), 'done'].sort(),
    );
    const line = lines.find(({ message }) => message.includes('order 7 '));
    expect(line).toMatchObject({
      level: 'error',
      labels: { kind: 'order' },
      metadata: { request_id: 'r-7' },
    });
  });
});
