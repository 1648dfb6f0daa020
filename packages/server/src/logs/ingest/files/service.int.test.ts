import { Buffer } from 'node:buffer';
import {
  appendFile,
  copyFile,
  link,
  mkdir,
  mkdtemp,
  rename,
  rm,
  symlink,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ColumnBlock } from '../../../engine/index.ts';
import type { Frame } from '../../../journal/index.ts';
import { createMemoryJournal } from '../../../journal/testing/index.ts';
import { type Clock, systemClock } from '../../../kernel/clock.ts';
import { silentLog } from '../../../kernel/log.ts';
import { createTelemetry } from '../../../kernel/telemetry.ts';
import type { LogAppender, LogSink } from '../../sink.ts';
import { logsTelemetry } from '../../telemetry.ts';
import { LogDoors } from '../service.ts';
import { filesSchema } from './config.ts';
import { FollowedFiles } from './service.ts';

/** Time that passes at once where nothing is to be waited for. */
class SkippingClock implements Clock {
  skipped = 0;
  now = systemClock.now;
  after = systemClock.after;
  every = systemClock.every;
  sleep = systemClock.sleep;
  monotonic = (): number => systemClock.monotonic() + this.skipped;
}

const empty: ColumnBlock = {
  rows: 0,
  names: [],
  column: () => ({ kind: 'string', data: [] }),
  numbers: () => new Float64Array(0),
  bigints: () => new BigUint64Array(0),
  strings: () => [],
  array: () => {
    throw new Error('not asked');
  },
  map: () => {
    throw new Error('not asked');
  },
};

const SOON = { interval: 5, timeout: 30_000 };

let directory = '';
/** What is durable, over restarts: lines as `file: text`, and the frames beside them. */
let lines: string[] = [];
let frames: Frame[] = [];
let running: FollowedFiles | null = null;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'followed-'));
  lines = [];
  frames = [];
});
afterEach(async () => {
  await running?.stop();
  running = null;
  await rm(directory, { recursive: true });
});

const at = (name: string): string => join(directory, name);

/** A process that follows `*.log` and whatever the configuration adds, on what earlier ones made durable. */
async function follow(config: object = {}) {
  const clock = new SkippingClock();
  const telemetry = createTelemetry();
  const journal = createMemoryJournal([frames]);
  let failures = 0;
  const sink: LogSink = {
    appender: (): LogAppender => {
      const names: string[] = [];
      const taken: string[] = [];
      return {
        stream: (labels) => names.push(labels.get('filename').slice(directory.length + 1)) - 1,
        append: (stream, { bytes, start, end }) =>
          void taken.push(`${names[stream]}: ${Buffer.from(bytes).toString('utf8', start, end)}`),
        problem: () => null,
        refuse: () => {},
        adopt: () => {},
        rollback: () => {},
        commit: async (also = []) => {
          if (failures > 0) {
            failures--;
            journal.failWith('full');
          } else journal.failWith(null);
          await journal.append(also);
          lines.push(...taken);
          frames.push(...also.map((frame) => ({ ...frame, payload: Uint8Array.from(frame.payload) })));
          return { stored: taken.length, duplicates: 0, refused: [] };
        },
      };
    },
  };
  const files = new FollowedFiles({
    doors: new LogDoors({
      sink,
      clock,
      telemetry: logsTelemetry(telemetry, () => ({
        streams: 0,
        pendingLines: 0,
        pendingBytes: 0,
        newestBytes: 0,
      })),
      breathe: () => Promise.resolve(),
    }),
    engine: { query: () => Promise.resolve(empty) },
    journal,
    clock,
    log: silentLog,
    telemetry,
    config: filesSchema.parse({
      roots: [directory],
      follow: [{ paths: [at('*.log')], ...config }],
      poll_interval: '20ms',
    }),
    mostLineBytes: 1000,
    tenant: 'default',
  });
  running = files;
  await files.positions.start?.(new AbortController().signal);
  files.start();
  const metric = async (name: string, labels: Record<string, string> = {}): Promise<number> => {
    const family = (await telemetry.families()).find((f) => f.name === name);
    return (family?.samples ?? [])
      .filter((s) => Object.entries(labels).every(([label, value]) => s.labels[label] === value))
      .reduce((sum, { value }) => sum + value, 0);
  };
  const event = (name: string) => metric('pharos_log_files_events_total', { event: name });
  return {
    clock,
    metric,
    event,
    fail: (times: number) => (failures = times),
    stop: () => files.stop(),
    seen: (expected: readonly string[]) => vi.waitFor(() => expect(lines).toEqual(expected), SOON),
  };
}

describe('followed files', () => {
  it('are read as they grow and appear, each once', async () => {
    await writeFile(at('a.log'), 'one\n');
    const { seen, metric } = await follow();
    await seen(['a.log: one']);
    await appendFile(at('a.log'), 'two\nthr');
    await seen(['a.log: one', 'a.log: two']);
    await appendFile(at('a.log'), 'ee\n');
    await seen(['a.log: one', 'a.log: two', 'a.log: three']);
    await link(at('a.log'), at('b.log'));
    await writeFile(at('c.log'), 'four\n');
    await vi.waitFor(() => expect(lines).toContain('c.log: four'), SOON);
    expect(lines).toHaveLength(4);
    expect(await metric('pharos_log_files_followed')).toBe(2);
  });

  it('go on after a restart where they were, by any name', async () => {
    await writeFile(at('a.log'), 'one\ntwo\n');
    const first = await follow();
    await first.seen(['a.log: one', 'a.log: two']);
    await first.stop();
    await appendFile(at('a.log'), 'three\n');
    await rename(at('a.log'), at('a.log.1'));
    await writeFile(at('a.log'), 'four\n');
    const second = await follow();
    await vi.waitFor(() => expect(lines).toHaveLength(4), SOON);
    expect(lines.slice(2).sort()).toEqual(['a.log: four', 'a.log: three']);
    expect(await second.event('renamed')).toBe(1);
  });

  it('are rotated by renaming: the rest of the old one is read', async () => {
    await writeFile(at('a.log'), 'one\n');
    const { seen, metric, clock } = await follow();
    await seen(['a.log: one']);
    await rename(at('a.log'), at('a.log.1'));
    await appendFile(at('a.log.1'), 'two\n');
    await seen(['a.log: one', 'a.log: two']);
    await writeFile(at('a.log'), 'three\n');
    await seen(['a.log: one', 'a.log: two', 'a.log: three']);
    await unlink(at('a.log.1'));
    clock.skipped += 61_000;
    await vi.waitFor(async () => expect(await metric('pharos_log_files_followed')).toBe(1), SOON);
  });

  it('are rotated by copying, where the copy is followed too: nothing twice, nothing lost', async () => {
    const long = Array.from({ length: 20 }, (_, i) => `line ${i}`);
    await writeFile(at('a.log'), `${long.join('\n')}\n`);
    const { seen, event } = await follow({ paths: [at('a.log*')] });
    const expected = long.map((line) => `a.log: ${line}`);
    await seen(expected);
    await copyFile(at('a.log'), at('a.log.1'));
    await vi.waitFor(async () => expect(await event('copied')).toBe(1), SOON);
    // What came between the last look and the cut is in the copy alone.
    await appendFile(at('a.log.1'), 'late\n');
    await truncate(at('a.log'));
    await appendFile(at('a.log'), 'new\n');
    await vi.waitFor(() => expect(lines).toHaveLength(22), SOON);
    expect(lines.slice(20).sort()).toEqual(['a.log.1: late', 'a.log: new']);
  });

  it('are known to be cut off also when they have grown past where they were', async () => {
    await writeFile(at('a.log'), 'one\n');
    const { seen, event, stop } = await follow();
    await seen(['a.log: one']);
    await writeFile(at('a.log'), 'other and longer\n');
    await seen(['a.log: one', 'a.log: other and longer']);
    expect(await event('truncated')).toBe(1);
    await stop();
    await writeFile(at('a.log'), 'once again, while nobody looks\n');
    const again = await follow();
    await again.seen(['a.log: one', 'a.log: other and longer', 'a.log: once again, while nobody looks']);
  });

  it('end without a newline: what is left is a line when nothing comes', async () => {
    await writeFile(at('a.log'), 'one\ntwo');
    const { seen, clock } = await follow();
    await seen(['a.log: one']);
    clock.skipped += 5000;
    await seen(['a.log: one', 'a.log: two']);
    await appendFile(at('a.log'), '\nthree\n');
    await seen(['a.log: one', 'a.log: two', 'a.log: three']);
  });

  it('wait for a store that takes nothing now', async () => {
    const started = await follow();
    started.fail(3);
    await writeFile(at('a.log'), 'one\n');
    await appendFile(at('a.log'), 'two\n');
    await started.seen(['a.log: one', 'a.log: two']);
  });

  it('are read from their end on where a rule says so, new ones from their beginning', async () => {
    await writeFile(at('a.log'), 'old\n');
    const { seen, metric } = await follow({ from: 'end' });
    await vi.waitFor(async () => expect(await metric('pharos_log_files_followed')).toBe(1), SOON);
    await appendFile(at('a.log'), 'new\n');
    await seen(['a.log: new']);
    await writeFile(at('b.log'), 'first\n');
    await seen(['a.log: new', 'b.log: first']);
  });

  it('lie below a root: links out of it, devices and directories are not read', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'));
    try {
      await writeFile(join(outside, 'secret.log'), 'secret\n');
      await symlink(join(outside, 'secret.log'), at('link.log'));
      await symlink(outside, at('folder'));
      await symlink('/dev/zero', at('zero.log'));
      await mkdir(at('directory.log'));
      await mkdir(at('inside'));
      await writeFile(at('inside/real.txt'), 'fine\n');
      await symlink(at('inside/real.txt'), at('good.log'));
      const { seen, metric } = await follow({ paths: [at('*.log'), at('folder/*.log')] });
      await seen(['good.log: fine']);
      await vi.waitFor(
        async () =>
          expect(await metric('pharos_log_files_refused_total', { reason: 'outside_roots' })).toBeGreaterThan(
            0,
          ),
        SOON,
      );
      expect(lines).toEqual(['good.log: fine']);
    } finally {
      await rm(outside, { recursive: true });
    }
  });

  it('may be many, and large', async () => {
    const count = 600;
    await Promise.all(Array.from({ length: count }, (_, i) => writeFile(at(`${i}.log`), `line ${i}\n`)));
    const big = Array.from({ length: 30_000 }, (_, i) => `big line number ${i}`);
    await writeFile(at('big.log'), `${big.join('\n')}\n`);
    const { metric } = await follow();
    await vi.waitFor(() => expect(lines.length).toBe(count + big.length), SOON);
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines.filter((line) => line.startsWith('big'))).toEqual(big.map((line) => `big.log: ${line}`));
    await vi.waitFor(async () => expect(await metric('pharos_log_files_behind_bytes')).toBe(0), SOON);
  });
});

describe('the configuration', () => {
  it.each([
    [{ roots: ['/var/log'], follow: [{ paths: ['/etc/*.log'] }] }, 'not below one of logs.files.roots'],
    [{ follow: [{ paths: ['/var/log/*.log'] }] }, 'none are set'],
    [{ roots: ['/var/log'], follow: [{ paths: ['/var/log/../../etc/x'] }] }, 'without ".."'],
    [{ roots: ['/var/log'], follow: [{ paths: ['/var/*/x.log'] }] }, 'not below'],
    [{ roots: ['/a'], follow: [{ paths: ['/a/b'], multiline: { start: '(?=x)' } }] }, 'no RE2 expression'],
  ])('refuses %j', (config, message) => {
    const result = filesSchema.safeParse(config);
    expect(result.success ? [] : result.error.issues.map((issue) => issue.message)).toEqual([
      expect.stringContaining(message),
    ]);
  });
});
