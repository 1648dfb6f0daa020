import { expect, it } from 'vitest';
import { createLog } from './log.ts';
import { type LineFilter, LogRing } from './log-ring.ts';

const all: LineFilter = { most: 5000, atLeast: 'debug', from: 0, to: Number.MAX_SAFE_INTEGER };
const line = (level: string, seconds: number, msg: string): string =>
  `{"level":"${level}","time":"${new Date(seconds * 1000).toISOString()}","msg":"${msg}"}\n`;

it('gives the newest first, from a level on, of a window', () => {
  const ring = new LogRing();
  for (const [i, level] of ['debug', 'info', 'warn', 'error'].entries()) ring.write(line(level, i, level));
  const levels = (asked: Partial<LineFilter>) => ring.newest({ ...all, ...asked }).map(({ level }) => level);
  expect(levels({})).toEqual(['error', 'warn', 'info', 'debug']);
  expect(levels({ atLeast: 'warn' })).toEqual(['error', 'warn']);
  expect(levels({ most: 2 })).toEqual(['error', 'warn']);
  expect(levels({ from: 1000, to: 2000 })).toEqual(['warn', 'info']);
});

it('reads the lines of our own log', () => {
  const ring = new LogRing();
  const log = createLog('info', ring);
  log.warn({ token: 'abc', port: 1 }, 'said\nin two lines');
  log.debug({}, 'not said');
  const [only, ...others] = ring.newest(all);
  expect(others).toEqual([]);
  expect(only?.level).toBe('warn');
  expect(only?.at).toBeGreaterThan(0);
  expect(JSON.parse(only?.text ?? '')).toMatchObject({ token: '***', port: 1, msg: 'said\nin two lines' });
});

it('keeps 2,000 lines and a million characters at most, and counts what went', () => {
  const ring = new LogRing();
  for (let i = 0; i < 5000; i++) ring.write(line('info', i, String(i)));
  expect([ring.size, ring.dropped]).toEqual([2000, 3000]);
  const kept = ring.newest(all);
  expect([kept.length, kept[0]?.at, kept.at(-1)?.at]).toEqual([2000, 4_999_000, 3_000_000]);
  for (let i = 0; i < 100; i++) ring.write(line('error', 5000, 'x'.repeat(100_000)));
  expect(ring.size).toBe(32);
  expect(ring.newest(all)[0]).toMatchObject({ level: 'error', at: 5_000_000 });
});

it('keeps what is no line of ours as it is', () => {
  const ring = new LogRing();
  ring.write('Segmentation fault\n');
  expect(ring.newest(all)).toEqual([{ at: Number.NaN, level: 'info', text: 'Segmentation fault\n' }]);
});
