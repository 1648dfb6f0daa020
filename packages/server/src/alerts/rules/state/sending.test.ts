import { Labels } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import type { Alert } from './alert.ts';
import { needsSending, outgoing, sent } from './sending.ts';

const FIRING: Alert = {
  state: 'firing',
  labels: Labels.fromRecord({ alertname: 'Down', site: 'own' }),
  annotations: new Map([['summary', 's']]),
  value: 1,
  activeAt: 0,
  firedAt: 60_000,
  resolvedAt: null,
  lastSentAt: null,
  validUntil: null,
  keepFiringSince: null,
  isTakenOver: false,
};

describe('needsSending', () => {
  it.each([
    ['pending: never', { state: 'pending' }, 100_000, false],
    ['firing, nobody was told', {}, 60_000, true],
    ['firing, told a moment ago', { lastSentAt: 60_000 }, 120_000, false],
    ['firing, told longer ago than the delay', { lastSentAt: 60_000 }, 120_001, true],
    [
      'over, told only that it fires',
      { state: 'inactive', resolvedAt: 90_000, lastSentAt: 60_000 },
      90_000,
      true,
    ],
    ['over, told so', { state: 'inactive', resolvedAt: 90_000, lastSentAt: 90_000 }, 150_000, false],
    [
      'over, told so a while ago',
      { state: 'inactive', resolvedAt: 90_000, lastSentAt: 90_000 },
      150_001,
      true,
    ],
  ] as const)('%s', (_, change, at, expected) => {
    expect(needsSending({ ...FIRING, ...change }, at, 60_000)).toBe(expected);
  });
});

describe('what is handed on', () => {
  it('is valid for four times the longer of interval and delay', () => {
    expect(sent(FIRING, 100_000, 60_000, 15_000)).toMatchObject({ lastSentAt: 100_000, validUntil: 340_000 });
    expect(sent(FIRING, 100_000, 60_000, 300_000).validUntil).toBe(1_300_000);
  });

  it('has external labels that do not win over its own, and ends when it is over', () => {
    const external = new Map([
      ['site', 'outer'],
      ['zone', 'z'],
    ]);
    const told = sent(FIRING, 100_000, 60_000, 15_000);
    const firing = outgoing(told, external, 'http://p/graph');
    expect(firing).toEqual({
      labels: new Map([
        ['site', 'own'],
        ['zone', 'z'],
        ['alertname', 'Down'],
      ]),
      annotations: new Map([['summary', 's']]),
      startsAt: 60_000,
      endsAt: 340_000,
      isResolved: false,
      generatorUrl: 'http://p/graph',
    });
    const over = outgoing({ ...told, state: 'inactive', resolvedAt: 110_000 }, external, '');
    expect([over.endsAt, over.isResolved]).toEqual([110_000, true]);
  });
});
