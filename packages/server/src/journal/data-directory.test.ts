import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../kernel/log.ts';
import { openDataDirectory } from './data-directory.ts';
import { nodeFileSystem } from './fs.ts';
import type { ProcessIdentity, ProcessTable } from './process-table.ts';
import { startTime, systemProcesses } from './process-table.ts';
import { fail } from './testing/memory-fs.ts';

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'pharos-data-'));
});
afterEach(() => {
  chmodSync(path, 0o700);
  rmSync(path, { recursive: true, force: true });
});

/** A process table in which the given processes live. */
function processes(self: ProcessIdentity, living: readonly ProcessIdentity[] = []): ProcessTable {
  const same = (a: ProcessIdentity, b: ProcessIdentity) => a.pid === b.pid && a.started === b.started;
  return {
    self: () => self,
    alive: (other) => (other.space === self.space ? living.some((p) => same(p, other)) : 'unknown'),
  };
}

const one: ProcessIdentity = { pid: 101, started: 5, space: 's' };
const two: ProcessIdentity = { pid: 102, started: 6, space: 's' };
const open = (table: ProcessTable) => openDataDirectory({ path, log: silentLog, processes: table });

describe('the lock', () => {
  it('belongs to one living process, which the message names', async () => {
    await open(processes(one));
    await expect(open(processes(two, [one]))).rejects.toMatchObject({
      code: 'data_directory.locked',
      message: `the data directory ${path} is used by process 101. Stop it (kill 101), or choose another data directory.`,
    });
  });

  it('is taken over from a dead process and from a number given to another since', async () => {
    await open(processes(one));
    const taken = await open(processes(two, [{ ...one, started: 99 }]));
    expect(readdirSync(path).filter((name) => name.startsWith('lock'))).toEqual(['lock.2']);
    await taken.release();
    await open(processes(one, [two]));
  });

  it('goes to exactly one of many that start together on a dead owner', async () => {
    await open(processes(one));
    const starters = Array.from({ length: 8 }, (_, i) => ({ pid: 200 + i, started: i, space: 's' }));
    const results = await Promise.allSettled(starters.map((self) => open(processes(self, starters))));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ code: 'data_directory.locked' });
  });

  it('of an unreadable file or another container is taken over', async () => {
    writeFileSync(join(path, 'lock.7'), '{"pid": __proto__');
    const first = await open(processes(one));
    expect(readdirSync(path)).toContain('lock.8');
    expect(first.journal).toBe(join(path, 'journal'));
    await open(processes({ ...two, space: 'other' }, [one]));
  });

  it('tells this very process from others in the real process table', async () => {
    const self = systemProcesses.self();
    expect(systemProcesses.alive(self)).toBe(true);
    expect(systemProcesses.alive({ ...self, pid: 2 ** 22 + 5 })).toBe(false);
    if (startTime(process.pid) !== null) expect(systemProcesses.alive({ ...self, started: 1 })).toBe(false);
    await openDataDirectory({ path, log: silentLog });
    await expect(openDataDirectory({ path, log: silentLog })).rejects.toMatchObject({
      details: { pid: process.pid },
    });
  });
});

describe('the directory', () => {
  it('of a newer format is refused', async () => {
    writeFileSync(join(path, 'format.json'), '{"format": 99}');
    await expect(open(processes(one))).rejects.toMatchObject({
      code: 'data_directory.newer',
      message: `the data directory ${path} has format 99, this version reads up to 2. Start the Pharos that wrote it, or a newer one.`,
    });
    writeFileSync(join(path, 'format.json'), 'rubbish');
    await expect(open(processes(one))).rejects.toMatchObject({ code: 'data_directory.unusable' });
  });

  it('of an older format is taken over and marked, once nobody else owns it', async () => {
    writeFileSync(join(path, 'format.json'), '{"format": 1}');
    await open(processes(one));
    expect(readFileSync(join(path, 'format.json'), 'utf8')).toBe('{"format":2}\n');
  });

  it('is made with its parents and marked with the format', async () => {
    const inner = join(path, 'a/b');
    await openDataDirectory({ path: inner, log: silentLog, processes: processes(one) });
    expect(readFileSync(join(inner, 'format.json'), 'utf8')).toBe('{"format":2}\n');
    expect(readdirSync(inner).sort()).toEqual([
      'alerts',
      'engine',
      'format.json',
      'journal',
      'lock.1',
      'quarantine',
      'state',
    ]);
  });

  it.each([
    ['EACCES', 'this user may not write there'],
    ['EROFS', 'the disk is mounted read-only'],
    ['ENOSPC', 'the disk is full'],
    ['EIO', 'EIO: boom'],
  ])('that gives %s is refused in one line', async (code, words) => {
    const fs = { ...nodeFileSystem, open: () => Promise.resolve(code).then((c) => fail(c, 'boom')) };
    const refusal = openDataDirectory({ path, log: silentLog, fs, processes: processes(one) });
    await expect(refusal).rejects.toMatchObject({
      code: 'data_directory.unusable',
      message: expect.stringMatching(new RegExp(`^cannot use the data directory ${path}: ${words}[^\n]*$`)),
    });
  });

  it('in the place of a file is refused in one line', async () => {
    writeFileSync(join(path, 'file'), '');
    for (const wrong of ['file', 'file/inside']) {
      await expect(openDataDirectory({ path: join(path, wrong), log: silentLog })).rejects.toMatchObject({
        code: 'data_directory.unusable',
        message: expect.stringMatching(
          /^cannot use the data directory .*: (there is a file|a part of the path)[^\n]*$/,
        ),
      });
    }
  });
});
