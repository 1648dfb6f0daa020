import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { Supervisor } from './supervisor.ts';

describe('Supervisor', () => {
  it('brings back a killed child, and stops even one that ignores SIGTERM', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pharos-supervisor-'));
    const entry = join(directory, 'child.mjs');
    await writeFile(
      entry,
      "process.on('SIGTERM', () => {}); console.log('up', process.pid, process.env.COLOUR); setInterval(() => {}, 1000);",
    );
    const supervisor = new Supervisor({ clock: systemClock, log: silentLog, logDirectory: directory });
    await supervisor.start([{ name: 'child', entry, args: [], execArgv: [], env: { COLOUR: 'blue' } }]);
    const lines = async () =>
      (await readFile(join(directory, 'child.log'), 'utf8'))
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('up'));
    await vi.waitFor(async () => expect((await lines()).length).toBe(1), 25_000);
    const first = supervisor.pids().get('child') ?? 0;
    process.kill(first, 'SIGKILL');
    await vi.waitFor(async () => expect((await lines()).length).toBe(2), 25_000);
    const second = supervisor.pids().get('child') ?? 0;
    expect(second).not.toBe(first);
    expect((await lines())[1]).toContain('blue');
    await supervisor.stop(AbortSignal.timeout(200));
    expect(() => process.kill(second, 0)).toThrow();
  });
});
