import { describe, expect, it } from 'vitest';
import { judgeNotice, type LogEntry, logEntryOf, type Told } from './notification-log.ts';

const NOW = 10_000_000;
const KEY = { group: 'g', receiver: 'r', integration: 'webhook[0]' };
const last = (firing: readonly string[], resolved: readonly string[], at = NOW - 1000): LogEntry => ({
  ...KEY,
  firing,
  resolved,
  at,
  expiresAt: NOW + 1,
});
const told = (firing: readonly string[], resolved: readonly string[], more: Partial<Told> = {}): Told => ({
  firing,
  resolved,
  sendResolved: true,
  repeatIntervalMs: 3_600_000,
  at: NOW,
  ...more,
});

describe('judgeNotice', () => {
  it.each<readonly [string, LogEntry | undefined, Told, string]>([
    ['nothing told, fires', undefined, told(['a'], []), 'first'],
    ['nothing told, fires and ended', undefined, told(['a'], ['b']), 'first'],
    ['nothing told, ended', undefined, told([], ['a']), 'only_resolved'],
    ['one more fires', last(['a'], []), told(['a', 'b'], []), 'new_firing'],
    ['another fires', last(['a'], []), told(['b'], ['a']), 'new_firing'],
    ['fires again', last([], ['a']), told(['a'], []), 'new_firing'],
    ['fewer fire, the other is gone', last(['a', 'b'], []), told(['a'], []), 'unchanged'],
    ['one ended', last(['a', 'b'], []), told(['a'], ['b']), 'new_resolved'],
    [
      'one ended, nobody wants to know',
      last(['a', 'b'], []),
      told(['a'], ['b'], { sendResolved: false }),
      'unchanged',
    ],
    ['its end is known', last(['a'], ['b']), told(['a'], ['b']), 'unchanged'],
    ['all ended', last(['a'], []), told([], ['a']), 'all_resolved'],
    [
      'all ended, nobody wants to know',
      last(['a'], []),
      told([], ['a'], { sendResolved: false }),
      'all_resolved',
    ],
    ['fired and ended in between', last([], ['a']), told([], ['b']), 'already_resolved'],
    ['the repeat interval is over', last(['a'], [], NOW - 3_600_001), told(['a'], []), 'repeat'],
    ['the repeat interval is just not over', last(['a'], [], NOW - 3_600_000), told(['a'], []), 'unchanged'],
    ['no repeat of what ended', last([], ['a'], NOW - 9_000_000), told([], ['a']), 'already_resolved'],
  ])('%s', (_name, before, now, reason) => {
    const judged = judgeNotice(before, now);
    expect(judged.reason).toBe(reason);
    const isQuiet = ['only_resolved', 'already_resolved', 'unchanged'].includes(reason);
    expect(judged.notify).toBe(!isQuiet);
  });
});

describe('logEntryOf', () => {
  it.each([
    [3_600_000, 7_200_000],
    [1_000_000_000, 432_000_000],
  ])('with a repeat interval of %s ms is kept for %s', (repeat, kept) => {
    expect(logEntryOf(KEY, { firing: ['a'], resolved: [] }, NOW, repeat)).toEqual({
      ...KEY,
      firing: ['a'],
      resolved: [],
      at: NOW,
      expiresAt: NOW + kept,
    });
  });
});
