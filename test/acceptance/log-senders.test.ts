import { execFile } from 'node:child_process';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort, peerBinary, type RunningPeer, startSyslogNg } from '../support/peers.ts';
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

  beforeAll(async () => {
    [tcp, udp] = [await freePort(), await freePort()];
    pharos = await startPharosProcess({
      config: `self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nlogs:\n  syslog: {tcp: ${tcp}, udp: ${udp}}\n`,
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
});
