import { describe, expect, it } from 'vitest';
import { labelSet } from '../labels/label-set.ts';
import { acceptAlerts, type PostedAlert } from './accept.ts';
import { type Alert, alertOf } from './alert.ts';
import { heardAgain } from './merge.ts';
import { isNews, restored } from './news.ts';
import { alertKind, storedAlertFields, storedAlertOf } from './stored.ts';

const NOW = 1_000_000;
const posted = (more: Partial<PostedAlert>): PostedAlert => ({
  labels: new Map([['alertname', 'Down']]),
  annotations: new Map(),
  startsAt: null,
  endsAt: null,
  generatorUrl: '',
  ...more,
});

describe('acceptAlerts', () => {
  it.each([
    // startsAt, endsAt as sent; as known; whether the end is assumed.
    [null, null, NOW, NOW + 300_000, true],
    [5, null, 5, NOW + 300_000, true],
    [null, 7, 7, 7, false],
    [5, 2_000_000, 5, 2_000_000, false],
  ])('%s to %s is %s to %s', (startsAt, endsAt, from, to, isTimeout) => {
    const { alerts, refusals } = acceptAlerts([posted({ startsAt, endsAt })], NOW, 300_000);
    expect(refusals).toEqual([]);
    expect(alerts.map((one) => [one.startsAt, one.endsAt, one.isTimeout, one.updatedAt])).toEqual([
      [from, to, isTimeout, NOW],
    ]);
  });

  it('drops labels without a value and keeps annotations without one', () => {
    const [alert] = acceptAlerts(
      [
        posted({
          labels: new Map([
            ['b', '1'],
            ['a', ''],
          ]),
          annotations: new Map([['x', '']]),
        }),
      ],
      NOW,
      1,
    ).alerts;
    expect([[...(alert?.labels ?? [])], [...(alert?.annotations ?? [])]]).toEqual([
      [['b', '1']],
      [['x', '']],
    ]);
  });

  it('refuses one that does not fit into the state, which would take those beside it along', () => {
    const wordy = posted({ annotations: new Map([['log', 'x'.repeat(200_000)]]) });
    const { alerts, refusals } = acceptAlerts([wordy, posted({})], NOW, 1);
    expect([alerts.length, refusals]).toEqual([
      1,
      ['an alert of 200016 characters, at most 150000 are taken'],
    ]);
  });

  it('keeps the good ones beside the bad, and says what is wrong with those', () => {
    const { alerts, refusals } = acceptAlerts(
      [
        posted({ labels: new Map([['a', '']]) }),
        posted({}),
        posted({ startsAt: 5, endsAt: 4 }),
        posted({ labels: new Map([['', 'x']]) }),
        posted({ annotations: new Map([['', 'x']]) }),
      ],
      NOW,
      1,
    );
    expect(alerts).toHaveLength(1);
    expect(refusals).toEqual([
      'at least one label pair required',
      'start time must be before end time',
      'invalid label set: invalid name ""',
      'invalid annotations: invalid name ""',
    ]);
  });
});

describe('heardAgain', () => {
  const at = (more: Partial<Alert>): Alert =>
    alertOf({
      labels: labelSet([['a', '1']]),
      annotations: labelSet([]),
      startsAt: 0,
      endsAt: 0,
      updatedAt: 0,
      isTimeout: false,
      generatorUrl: '',
      ...more,
    });

  it.each<readonly [string, Partial<Alert>, Partial<Alert>, readonly [number, number]]>([
    [
      'the earliest start counts',
      { startsAt: 10, endsAt: 200, isTimeout: true },
      { startsAt: 50, endsAt: 300 },
      [10, 300],
    ],
    [
      'an assumed end gives way',
      { startsAt: 10, endsAt: 500, isTimeout: true },
      { startsAt: 10, endsAt: 300 },
      [10, 300],
    ],
    ['an end that was said stays', { startsAt: 10, endsAt: 500 }, { startsAt: 20, endsAt: 300 }, [10, 500]],
    [
      'a resolved one ends when it says',
      { startsAt: 10, endsAt: 500 },
      { startsAt: 10, endsAt: 90 },
      [10, 90],
    ],
    [
      'of two ends in the past the later counts',
      { startsAt: 10, endsAt: 95 },
      { startsAt: 20, endsAt: 90 },
      [10, 95],
    ],
    ['no overlap: replaced', { startsAt: 10, endsAt: 50 }, { startsAt: 60, endsAt: 300 }, [60, 300]],
    [
      'the same start and a later end: replaced',
      { startsAt: 10, endsAt: 200 },
      { startsAt: 10, endsAt: 300 },
      [10, 300],
    ],
  ])('%s', (_name, known, heard, [startsAt, endsAt]) => {
    const result = heardAgain(at({ updatedAt: 1, ...known }), at({ updatedAt: 2, ...heard }), 100);
    expect([result.startsAt, result.endsAt, result.updatedAt]).toEqual([startsAt, endsAt, 2]);
  });

  it('takes what is newer, whichever came last', () => {
    const newer = at({ startsAt: 20, endsAt: 400, updatedAt: 9 });
    const older = at({ startsAt: 10, endsAt: 300, updatedAt: 8, isTimeout: true });
    expect(heardAgain(newer, older, 100)).toEqual({ ...newer, startsAt: 10 });
  });
});

describe('news', () => {
  const fires = alertOf({
    labels: labelSet([['a', '1']]),
    annotations: labelSet([['s', 'x']]),
    startsAt: 0,
    endsAt: 200,
    updatedAt: 100,
    isTimeout: false,
    generatorUrl: '',
  });

  it.each<readonly [string, Alert | undefined, Partial<Alert>, boolean]>([
    ['the first time', undefined, {}, true],
    ['that it still fires', fires, { endsAt: 300, updatedAt: 150 }, false],
    ['that it ended', fires, { endsAt: 120 }, true],
    ['that it fires again', { ...fires, endsAt: 120 }, { endsAt: 300 }, true],
    ['that it says something else', fires, { annotations: labelSet([['s', 'y']]) }, true],
    ['that it says less', fires, { annotations: labelSet([]) }, true],
    ['another start', fires, { startsAt: 5 }, true],
    ['another source', fires, { generatorUrl: 'http://g' }, true],
  ])('%s', (_name, known, heard, expected) => {
    expect(isNews(known, { ...fires, ...heard }, 150)).toBe(expected);
  });

  it('after a start gives time to who fired, not to what had ended', () => {
    expect(restored(fires, 10_000, 300)).toEqual({ ...fires, endsAt: 10_300, isTimeout: true });
    expect(restored({ ...fires, endsAt: 99_999 }, 10_000, 300).endsAt).toBe(99_999);
    expect(restored({ ...fires, endsAt: 100 }, 10_000, 300).endsAt).toBe(100);
  });
});

describe('stored', () => {
  it('is read back as it was', () => {
    const [alert] = acceptAlerts([posted({ annotations: new Map([['a', 'b']]) })], NOW, 1).alerts;
    const stored: unknown = JSON.parse(JSON.stringify(storedAlertFields(alert!)));
    expect(storedAlertOf(alertKind.schema.parse(stored))).toEqual(alert);
  });
});
