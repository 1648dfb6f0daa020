import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogLines, testPharos, until } from '../testing/harness.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { logDestination } from './destination.ts';

const IDS = {
  'x-request-id': 'r1',
  'x-correlation-id': 'c1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

describe('log lines', () => {
  it('have exactly the documented fields', () => {
    const { pharos, logs } = testPharos({ clock: new ManualClock() });
    pharos.logger.info('outside', { a: 1 });
    pharos.runInContext(() => {
      pharos.setUsername('ann');
      pharos.logger.child({ part: 'cart' }).warn('inside', { password: 'x' });
    }, IDS);
    expect(logs.lines).toEqual([
      {
        timestamp: '2026-01-01T00:00:00.000Z',
        level: 'info',
        service: 'shop',
        message: 'outside',
        context: { a: 1 },
      },
      {
        timestamp: '2026-01-01T00:00:00.000Z',
        level: 'warn',
        service: 'shop',
        request_id: 'r1',
        correlation_id: 'c1',
        trace_id: '0af7651916cd43dd8448eb211c80319c',
        span_id: 'b7ad6b7169203331',
        username: 'ann',
        message: 'inside',
        context: { part: 'cart', password: '[masked]' },
      },
    ]);
  });

  it('are one line each, whatever is logged', () => {
    const raw: string[] = [];
    const { pharos } = testPharos({ logs: { stdout: { write: (line: string) => void raw.push(line) } } });
    pharos.logger.info('a\nb\r\u001b[31mred\u0085x\u2028y', { text: '{"level":"fatal"}\n{"forged":1}' });
    expect(raw).toHaveLength(1);
    for (const char of '\n\r\u001b\u0085\u2028') expect(raw[0]?.trimEnd()).not.toContain(char);
    expect(JSON.parse(raw[0] ?? '')).toMatchObject({ context: { text: '{"level":"fatal"}\n{"forged":1}' } });
  });

  it('respect the level', () => {
    const { pharos, logs } = testPharos({ logs: { level: 'warn' } });
    pharos.logger.info('no');
    pharos.logger.error('yes');
    expect(logs.messages()).toEqual(['yes']);
  });
});

describe('log file', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'pharos-logs-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is made with its directory, and complete after stop', async () => {
    const file = join(directory, 'logs', 'metrics.log');
    const { pharos, logs } = testPharos({ logs: { file } });
    for (let i = 0; i < 50; i++) pharos.logger.info(`line ${i}`);
    await pharos.stop();
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(logs.lines);
    expect(lines).toHaveLength(50);
  });

  it('keeps the order of its lines when it is closed while a write is on its way', async () => {
    const expected: string[] = [];
    for (let i = 0; i < 100; i++) {
      const destination = logDestination({ stdout: null, file: join(directory, 'order.log') });
      for (const part of ['first', 'second']) {
        expected.push(`${i} ${part}`);
        destination.write(`${i} ${part}\n`);
      }
      await destination.close();
    }
    expect(readFileSync(join(directory, 'order.log'), 'utf8').trim().split('\n')).toEqual(expected);
  });

  it('is renamed at its largest size, so that it never fills the disk', async () => {
    const file = join(directory, 'x.log');
    const stdout = new LogLines();
    const destination = logDestination({ stdout, file, maxFileBytes: 1_000 });
    const line = `${JSON.stringify({ text: 'x'.repeat(90) })}\n`;
    for (let i = 0; i < 100; i++) {
      destination.write(line);
      await until(() => statSync(file, { throwIfNoEntry: false }) !== undefined);
    }
    await destination.close();
    expect(statSync(file).size).toBeLessThanOrEqual(1_000);
    expect(statSync(`${file}.1`).size).toBeLessThanOrEqual(1_000);
    expect(stdout.lines).toHaveLength(100);
  });

  it('that cannot be written is given up after one line about it', async () => {
    writeFileSync(join(directory, 'file'), '');
    const stdout = new LogLines();
    const destination = logDestination({ stdout, file: join(directory, 'file', 'x.log') });
    for (let i = 0; i < 5; i++) destination.write('{"message":"x"}\n');
    await destination.close();
    expect(stdout.lines.filter(({ message }) => message === 'x')).toHaveLength(5);
    expect(stdout.messages().filter((message) => String(message).includes('cannot be written'))).toHaveLength(
      1,
    );
  });
});
