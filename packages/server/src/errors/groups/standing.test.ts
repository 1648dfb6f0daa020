import { describe, expect, it } from 'vitest';
import type { ErrorEvent } from '../event.ts';
import { ErrorGroup } from './group.ts';
import { standingErrors } from './standing.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 0);
const MINUTE = 60_000;

const EVENT: ErrorEvent = {
  id: '',
  time: 0,
  origin: 'sdk',
  service: 'order',
  environment: '',
  release: '',
  type: 'internal',
  severity: 'high',
  level: 'error',
  logger: '',
  exceptions: [{ name: 'TypeError', message: 'x is undefined', code: '', frames: [] }],
  message: '',
  transaction: '',
  method: '',
  user: '',
  traceId: '',
  spanId: '',
  requestId: '',
  correlationId: '',
  instance: '',
  tags: [],
  context: [],
  breadcrumbs: [],
  fingerprint: [],
  debugIds: [],
};

function groupOf(times: readonly number[], more: Partial<ErrorEvent> = {}): ErrorGroup {
  const group = new ErrorGroup('g', []);
  for (const [i, time] of times.entries()) group.add({ ...EVENT, ...more, id: String(i), time }, i + 1);
  return group;
}
const times = (count: number, from: number, to: number): number[] =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / Math.max(1, count - 1));
const why = (group: ErrorGroup): string[] => standingErrors([group], NOW).map((one) => one.why);

describe('standingErrors', () => {
  it.each<[string, ErrorGroup, string[]]>([
    ['four of a new kind', groupOf(times(4, NOW - MINUTE, NOW)), []],
    ['five of a new kind', groupOf(times(5, NOW - MINUTE, NOW)), ['new']],
    ['five that need nobody', groupOf(times(5, NOW - MINUTE, NOW), { severity: 'medium' }), []],
    ['five that a breaker refused', groupOf(times(5, NOW - MINUTE, NOW), { type: 'circuit_breaker' }), []],
    ['the last one half a minute ago', groupOf(times(5, NOW - 2 * MINUTE, NOW - MINUTE / 2)), []],
    ['known for ten minutes', groupOf(times(5, NOW - 10 * MINUTE, NOW)), []],
    [
      'known for hours and usual',
      groupOf([...times(300, NOW - 150 * MINUTE, NOW - 10 * MINUTE), ...times(25, NOW - 4 * MINUTE, NOW)]),
      [],
    ],
    [
      'known for hours, twenty at once',
      groupOf([...times(4, NOW - 150 * MINUTE, NOW - 20 * MINUTE), ...times(20, NOW - 4 * MINUTE, NOW)]),
      ['rising'],
    ],
    [
      'known for hours, nineteen at once',
      groupOf([...times(4, NOW - 150 * MINUTE, NOW - 20 * MINUTE), ...times(19, NOW - 4 * MINUTE, NOW)]),
      [],
    ],
    [
      'known for half an hour, many at once',
      groupOf([...times(2, NOW - 30 * MINUTE, NOW - 20 * MINUTE), ...times(50, NOW - 4 * MINUTE, NOW)]),
      [],
    ],
  ])('%s', (_name, group, expected) => {
    expect(why(group)).toEqual(expected);
  });

  it('tells at the first error that is back, for ten minutes, and nothing of what is ignored', () => {
    const group = groupOf([NOW - 50 * MINUTE, NOW]);
    group.state = { status: 'regressed', at: NOW, release: '' };
    expect(standingErrors([group], NOW)).toEqual([
      {
        service: 'order',
        name: 'TypeError',
        message: 'x is undefined',
        why: 'regressed',
        count: 1,
        usual: expect.any(Number) as number,
        lastAt: NOW,
      },
    ]);
    group.state = { status: 'regressed', at: NOW - 10 * MINUTE, release: '' };
    expect(why(group)).toEqual([]);
    const ignored = groupOf(times(50, NOW - MINUTE, NOW));
    ignored.state = { status: 'ignored', at: NOW, by: '' };
    expect(why(ignored)).toEqual([]);
  });

  it('of several services names those that have the errors now, also after a restart', () => {
    const group = groupOf([...times(5, NOW - 8 * MINUTE, NOW - 6 * MINUTE)], { service: 'catalog' });
    for (const time of times(5, NOW - MINUTE, NOW)) group.add({ ...EVENT, time }, 100);
    for (const one of [group, ErrorGroup.load(group.save())])
      expect(standingErrors([one], NOW).map(({ service }) => service)).toEqual(['order']);
  });
});
