import { describe, expect, it } from 'vitest';
import { labelSet } from '../labels/label-set.ts';
import { MatcherSyntaxError } from '../matchers/matcher.ts';
import { alertOf } from '../received/alert.ts';
import type { RouteNode } from '../routes/tree.ts';
import type { Silence } from '../silences/silence.ts';
import { type AlertStanding, byFingerprint, gettableAlert, isListed } from './alerts.ts';
import { ALL_STATES, parseFilters, passesFilters, receiverFilter, silencePasses } from './filters.ts';
import { gettableGroups, type ListedGroup } from './groups.ts';
import { postedAlerts, postedAlertsOf } from './posted-alerts.ts';
import { gettableSilence, postableSilence, sortSilences, wantedSilence } from './silences.ts';
import { alertmanagerStatus } from './status.ts';
import { apiTime, parseTime } from './times.ts';

const NOW = Date.UTC(2026, 0, 1);
const CLEAR: AlertStanding = { silencedBy: [], inhibitedBy: [], mutedBy: [], isProcessed: true };
const labelsOf = (labels: Record<string, string>) => labelSet(Object.entries(labels));
const alert = (labels: Record<string, string>, endsAt = NOW + 60_000, generatorUrl = '') =>
  alertOf({
    labels: labelsOf(labels),
    annotations: labelsOf({ summary: 's' }),
    startsAt: NOW - 1000,
    endsAt,
    updatedAt: NOW,
    isTimeout: false,
    generatorUrl,
  });

describe('parseTime', () => {
  it.each([
    ['2026-01-01T00:00:00Z', NOW],
    ['2026-01-01T00:00:00.123456789Z', NOW + 123],
    ['2026-01-01T02:00:00+02:00', NOW],
    ['2026-01-01T00:00:00.5Z', NOW + 500],
    ['0001-01-01T00:00:00Z', null],
    ['0001-01-01T00:00:00.000Z', null],
    ['yesterday', undefined],
    ['2026-13-01T00:00:00Z', undefined],
    ['2026-01-01', undefined],
  ])('%s', (text, expected) => {
    expect(parseTime(text)).toBe(expected);
  });

  it('is written with milliseconds', () => {
    expect(apiTime(NOW)).toBe('2026-01-01T00:00:00.000Z');
  });
});

describe('posted alerts', () => {
  it('takes what amtool, Prometheus and vmalert send', () => {
    const body = JSON.parse(`[
      {"labels":{"alertname":"a","__proto__":"x"},"annotations":{},"startsAt":"0001-01-01T00:00:00Z","endsAt":"0001-01-01T00:00:00Z"},
      {"labels":{"alertname":"b","alertname":"c"},"startsAt":"2026-01-01T00:00:00.123456789Z","generatorURL":"http://p/g","other":1}
    ]`);
    const [first, second] = postedAlertsOf(postedAlerts.parse(body));
    expect([first?.startsAt, first?.endsAt, first?.generatorUrl]).toEqual([null, null, '']);
    expect([[...(second?.labels ?? [])], second?.startsAt, second?.endsAt, second?.generatorUrl]).toEqual([
      [['alertname', 'c']],
      NOW + 123,
      null,
      'http://p/g',
    ]);
  });

  it.each([[{}], [[{}]], [[{ labels: { a: 1 } }]], [[{ labels: { a: 'b' }, startsAt: 'now' }]]])(
    'refuses %j',
    (body) => {
      expect(postedAlerts.safeParse(body).success).toBe(false);
    },
  );
});

describe('filters', () => {
  it.each([
    [{ a: '1' }, ['a=1'], true],
    [{ a: '1' }, ['a=2'], false],
    [{ a: '1' }, ['a=~[12]', 'b!=x'], true],
    [{ a: '1' }, ['b=""'], true],
    [{ a: '1' }, ['a=""'], false],
    [{ a: '1' }, ['a!=""'], true],
    [{ a: '1' }, ['b!=""'], false],
    [{ a: '1' }, ['a!~""'], true],
    [{ a: '1' }, [], true],
  ])('%o under %o: %s', (labels, filters, expected) => {
    expect(passesFilters(labelsOf(labels), parseFilters(filters))).toBe(expected);
  });

  it('of receivers is anchored', () => {
    const isWanted = receiverFilter('team-.');
    expect(['team-a', 'my-team-a', 'team-ab'].map(isWanted)).toEqual([true, false, false]);
    expect(receiverFilter(undefined)('x')).toBe(true);
    expect(() => receiverFilter('(')).toThrow(MatcherSyntaxError);
  });

  it('of silences looks at their matchers', () => {
    const silence = { matchers: [{ name: 'a', op: '=~', value: 'x|y' }] } as const;
    expect(silencePasses(silence, parseFilters(['a=~"x|y"']))).toBe(true);
    expect(silencePasses(silence, parseFilters(['a="x"']))).toBe(false);
    expect(silencePasses(silence, [])).toBe(true);
  });
});

describe('gettableAlert', () => {
  it('has every field', () => {
    expect(gettableAlert(alert({ alertname: 'Down' }, NOW + 5, 'http://g'), CLEAR, ['team'])).toEqual({
      annotations: { summary: 's' },
      endsAt: '2026-01-01T00:00:00.005Z',
      fingerprint: alert({ alertname: 'Down' }).fingerprint,
      receivers: [{ name: 'team' }],
      startsAt: '2025-12-31T23:59:59.000Z',
      status: { inhibitedBy: [], mutedBy: [], silencedBy: [], state: 'active' },
      updatedAt: '2026-01-01T00:00:00.000Z',
      generatorURL: 'http://g',
      labels: { alertname: 'Down' },
    });
  });

  it.each<readonly [Partial<AlertStanding>, string]>([
    [{}, 'active'],
    [{ isProcessed: false }, 'unprocessed'],
    [{ silencedBy: ['s'], isProcessed: false }, 'suppressed'],
    [{ inhibitedBy: ['f'] }, 'suppressed'],
    [{ mutedBy: ['night'] }, 'suppressed'],
  ])('with %o is %s', (more, state) => {
    expect(gettableAlert(alert({ a: '1' }), { ...CLEAR, ...more }, []).status.state).toBe(state);
  });

  it.each<readonly [Partial<AlertStanding>, Partial<typeof ALL_STATES>, boolean]>([
    [{}, {}, true],
    [{}, { active: false }, false],
    [{ silencedBy: ['s'] }, { active: false }, true],
    [{ silencedBy: ['s'] }, { silenced: false }, false],
    [{ inhibitedBy: ['f'] }, { inhibited: false }, false],
    [{ inhibitedBy: ['f'] }, { silenced: false }, true],
    [{ isProcessed: false }, { unprocessed: false }, false],
    [{ isProcessed: false }, { active: false }, true],
  ])('with %o under %o is listed: %s', (more, wanted, expected) => {
    const standing = { ...CLEAR, ...more };
    expect(isListed(alert({ a: '1' }), standing, { ...ALL_STATES, ...wanted }, NOW)).toBe(expected);
  });

  it('is not listed after its end', () => {
    expect(isListed(alert({ a: '1' }, NOW - 1), CLEAR, ALL_STATES, NOW)).toBe(false);
    expect(isListed(alert({ a: '1' }, NOW), CLEAR, ALL_STATES, NOW)).toBe(true);
  });

  it('sorts by fingerprint', () => {
    const all = ['1', '2', '3', '4'].map((a) => gettableAlert(alert({ a }), CLEAR, []));
    const sorted = [...all].sort(byFingerprint).map(({ fingerprint }) => fingerprint);
    expect(sorted).toEqual([...sorted].sort());
  });
});

describe('gettableGroups', () => {
  const route = (receiver: string): RouteNode => ({
    options: {
      receiver,
      groupBy: new Set(),
      isGroupedByAll: false,
      groupWaitMs: 0,
      groupIntervalMs: 1,
      repeatIntervalMs: 1,
      muteTimeIntervals: [],
      activeTimeIntervals: [],
    },
    matchers: [],
    continue: false,
    children: [],
    key: '{}',
    id: '{}',
  });
  const group = (
    receiver: string,
    labels: Record<string, string>,
    alerts: ListedGroup['alerts'],
    mutedBy: string[] = [],
  ): ListedGroup => ({
    group: { route: route(receiver), labels: labelsOf(labels), key: 'k' },
    alerts,
    mutedBy,
  });
  const [one, two] = [alert({ a: '1' }), alert({ a: '2' })];
  const groups = [
    group('b', { a: '1' }, [two, one]),
    group('a', { a: '1' }, [one]),
    group('c', {}, [one], ['night']),
    group('d', {}, []),
  ];

  it('sorts groups and alerts, and leaves empty groups out', () => {
    const listed = gettableGroups(groups, () => CLEAR, true);
    expect(
      listed.map(({ receiver, labels, alerts }) => [
        receiver.name,
        labels,
        alerts.map((each) => each.labels),
      ]),
    ).toEqual([
      ['c', {}, [{ a: '1' }]],
      ['a', { a: '1' }, [{ a: '1' }]],
      ['b', { a: '1' }, [{ a: '1' }, { a: '2' }]],
    ]);
    expect(listed[0]?.alerts[0]?.receivers).toEqual([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
    expect(listed[0]?.alerts[0]?.status).toMatchObject({ state: 'suppressed', mutedBy: ['night'] });
  });

  it('leaves muted groups out where they are not wanted', () => {
    expect(gettableGroups(groups, () => CLEAR, false).map(({ receiver }) => receiver.name)).toEqual([
      'a',
      'b',
    ]);
  });
});

describe('silences', () => {
  const silence = (id: string, startsAt: number, endsAt: number): Silence => ({
    id,
    matchers: [{ name: 'a', op: '!~', value: 'x' }],
    startsAt,
    endsAt,
    updatedAt: NOW,
    createdBy: 'me',
    comment: 'why',
    annotations: new Map(),
  });

  it('reads what is posted; old clients leave isEqual out', () => {
    const body = {
      matchers: [
        { name: 'a', value: '1', isRegex: false },
        { name: 'b', value: '2', isRegex: true, isEqual: false },
      ],
      startsAt: '2026-01-01T00:00:00Z',
      endsAt: '2026-01-01T01:00:00Z',
      createdBy: 'me',
      comment: '',
      id: '',
    };
    expect(wantedSilence(postableSilence.parse(body))).toEqual({
      id: null,
      matchers: [
        { name: 'a', op: '=', value: '1' },
        { name: 'b', op: '!~', value: '2' },
      ],
      startsAt: NOW,
      endsAt: NOW + 3_600_000,
      createdBy: 'me',
      comment: '',
      annotations: new Map(),
    });
    expect(postableSilence.safeParse({ ...body, comment: undefined }).success).toBe(false);
  });

  it('shows all of it', () => {
    expect(gettableSilence(silence('s1', NOW + 1, NOW + 1000), NOW)).toEqual({
      id: 's1',
      status: { state: 'pending' },
      updatedAt: '2026-01-01T00:00:00.000Z',
      annotations: {},
      comment: 'why',
      createdBy: 'me',
      endsAt: '2026-01-01T00:00:01.000Z',
      matchers: [{ isEqual: false, isRegex: true, name: 'a', value: 'x' }],
      startsAt: '2026-01-01T00:00:00.001Z',
    });
  });

  it('are sorted by what matters of each state', () => {
    const all = [
      silence('old', 0, NOW - 50),
      silence('later', NOW + 9, NOW + 99),
      silence('long', 0, NOW + 70),
      silence('recent', 0, NOW - 5),
      silence('soon', NOW + 2, NOW + 99),
      silence('short', 0, NOW + 7),
    ];
    expect(sortSilences(all, NOW).map(({ id }) => id)).toEqual([
      'short',
      'long',
      'soon',
      'later',
      'recent',
      'old',
    ]);
  });
});

describe('alertmanagerStatus', () => {
  it('is what amtool checks', () => {
    expect(alertmanagerStatus('route: {}\n', '1.2.3', NOW)).toEqual({
      cluster: { status: 'disabled', peers: [] },
      config: { original: 'route: {}\n' },
      uptime: '2026-01-01T00:00:00.000Z',
      versionInfo: {
        branch: '',
        buildDate: '',
        buildUser: '',
        goVersion: '',
        revision: '',
        version: '1.2.3',
      },
    });
  });
});
