import { describe, expect, it } from 'vitest';
import type { Episode, Incident } from './contracts.ts';
import { partIn, partsOf, storyOf, titleOf, troubleOf, turnsOf } from './words.ts';

const episode = (service: string, from: number, more: Partial<Episode> = {}): Episode => ({
  service,
  from,
  to: from + 10,
  worst: 'degraded',
  reason: 'slow',
  caused_by: [],
  steps: [],
  ...more,
});
const incident = (services: readonly Episode[], to: number | null = 100): Incident => ({
  from: 0,
  to,
  worst: 'unhealthy',
  services: [...services],
});

describe('titleOf', () => {
  it.each<[string, Incident, string]>([
    ['one', incident([episode('user', 0)]), 'user was degraded'],
    [
      'an origin and one that suffers',
      incident([episode('user', 0, { worst: 'unhealthy' }), episode('order', 2, { caused_by: ['user'] })]),
      'user was unhealthy; order suffered from it',
    ],
    [
      'while it lasts',
      incident(
        [
          episode('auth', 0),
          episode('user', 0, { worst: 'unhealthy', to: null }),
          episode('order', 2, { caused_by: ['user'], to: null }),
          episode('gateway', 3, { caused_by: ['order', 'user'], to: null }),
        ],
        null,
      ),
      'user is unhealthy; order and gateway suffer from it',
    ],
    [
      'each from the other',
      incident([episode('a', 0, { caused_by: ['b'] }), episode('b', 1, { caused_by: ['a'] })]),
      'a and b were degraded',
    ],
    [
      'twice, once because of another',
      incident([episode('a', 0), episode('b', 1), episode('a', 30, { caused_by: ['b'] })]),
      'b was degraded; a suffered from it',
    ],
    ['from one that is not in it', incident([episode('a', 0, { caused_by: ['gone'] })]), 'a was degraded'],
    ['many', incident(['a', 'b', 'c', 'd'].map((name) => episode(name, 0))), '4 services were degraded'],
  ])('%s', (_name, given, expected) => {
    expect(titleOf(given)).toBe(expected);
  });
});

describe('storyOf', () => {
  it('tells all services in the order of time, in words', () => {
    const step = (at: number, status: Episode['worst'], reason = 'r') => ({
      at,
      status,
      reason,
      caused_by: [],
    });
    const story = storyOf(
      incident([
        episode('user', 0, {
          steps: [step(0, 'degraded'), step(3, 'unhealthy'), step(9, 'degraded'), step(10, 'healthy')],
        }),
        episode('order', 2, {
          steps: [step(2, 'degraded'), step(6, 'degraded', 'more'), step(12, 'unknown')],
        }),
      ]),
    );
    expect(story.map(({ at, service, what, reason }) => `${at} ${service} ${what} ${reason}`.trim())).toEqual(
      [
        '0 user became degraded r',
        '2 order became degraded r',
        '3 user got worse: unhealthy r',
        '6 order is degraded for other reasons more',
        '9 user got better: degraded r',
        '10 user recovered',
        '12 order is not known any more r',
      ],
    );
  });
});

it('tells turns from other words for the same', () => {
  const line = (service: string, status: Episode['worst'], ...causedBy: string[]) => ({
    at: 0,
    service,
    status,
    what: '',
    reason: '',
    causedBy,
  });
  const story = [
    line('a', 'degraded'),
    line('b', 'degraded'),
    line('a', 'degraded'),
    line('b', 'degraded', 'a'),
    line('a', 'unhealthy'),
    line('b', 'degraded', 'a'),
  ];
  expect(turnsOf(story)).toEqual([story[0], story[1], story[3], story[4]]);
});

it('adds up trouble and parts, and knows who began', () => {
  const segments = [
    { from: 0, to: 10, status: 'healthy' as const },
    { from: 10, to: 15, status: 'degraded' as const },
    { from: 15, to: 17, status: 'unhealthy' as const },
    { from: 17, to: 20, status: 'unknown' as const },
  ];
  expect(troubleOf(segments)).toBe(7);
  expect(partIn([incident([episode('a', 0), episode('a', 30)]), incident([episode('b', 0)])], 'a')).toBe(1);
  expect(partsOf(incident([episode('a', 0), episode('b', 1, { caused_by: ['a'] })]))).toEqual({
    origins: ['a'],
    sufferers: ['b'],
  });
});
