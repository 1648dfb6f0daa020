import { expect, it } from 'vitest';
import { MemoryStorage } from '../../../../promql/src/testing/memory-storage.ts';
import type { ServiceTransition } from '../../health/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { createServiceNames } from '../../kernel/names.ts';
import { createPromReader } from '../../prom-reader.ts';
import type { AnalysisSources } from '../sources.ts';
import { findIncidentCause, type IncidentQuestion } from './incident-cause.ts';
import { incidentCauseAnswer } from './shapes.ts';

const NOW = Date.UTC(2026, 0, 1, 12, 0, 20);
const ago = (minutes: number): number => NOW - minutes * 60_000;

const became = (
  service: string,
  minutes: number,
  to: ServiceTransition['to'],
  causedBy: readonly string[] = [],
): ServiceTransition => ({
  tenant: 'default',
  service,
  at: ago(minutes),
  from: to === 'healthy' ? 'unhealthy' : 'healthy',
  to,
  reason: 'it does not answer',
  causedBy: [...causedBy],
});

/** Half an hour ago `catalog` went away, of which `order` suffers; `user` went a while later; an hour before that was `auth`. */
const PAST = [
  became('auth', 90, 'unhealthy'),
  became('auth', 80, 'healthy'),
  became('catalog', 30, 'unhealthy'),
  became('order', 29, 'degraded', ['catalog']),
  became('user', 20, 'unhealthy'),
];

async function causeOf(asked: Partial<IncidentQuestion>, tenant = 'default', past = PAST) {
  const clock = new ManualClock(NOW);
  const sources: AnalysisSources = {
    clock,
    names: createServiceNames(new Map()),
    reader: createPromReader(() => new MemoryStorage(), clock),
    mayHold: () => false,
    services: () => [],
    told: (of) => Promise.resolve(of === 'default' ? past : []),
    errors: () => Promise.resolve({ findings: [], warnings: ['errors: away'] }),
    breakerChanges: () => Promise.resolve({ list: [], partial: false }),
    annotations: () => [],
  };
  const signal = new AbortController().signal;
  return incidentCauseAnswer.parse(
    await findIncidentCause(sources, tenant, {
      startedAt: ago(28),
      endedAt: null,
      services: [],
      signal,
      ...asked,
    }),
  );
}
const shown = (suspects: Awaited<ReturnType<typeof causeOf>>['suspects']): readonly string[] =>
  suspects.map(({ rank, name, reason }) => `${rank} ${name}: ${reason.tie}`);

it('tells what alerts name or suffer from, then what else there was, each piece of evidence once', async () => {
  const { suspects, no_suspect: none, others, confidence, warnings } = await causeOf({ services: ['order'] });
  expect(shown(suspects)).toEqual(['1 catalog: suffers']);
  expect(none).toBe('');
  expect(shown(others)).toEqual(['2 user: elsewhere']);
  expect(suspects).toMatchObject([{ kind: 'service', affected: ['order'] }]);
  // What is elsewhere does not make the cause less sure.
  expect(confidence).toBe(suspects[0]?.score);
  const ids = [...suspects, ...others].flatMap(({ evidence }) => evidence.map(({ id }) => id));
  expect(ids.length).toBeGreaterThan(1);
  expect(new Set(ids).size).toBe(ids.length);
  expect(warnings).toEqual(['errors: away']);
});

it('without a service, suspects what did not begin after it', async () => {
  const { suspects, others } = await causeOf({});
  expect([shown(suspects), shown(others)]).toEqual([['1 catalog: in_time'], ['2 user: later']]);
});

it('suspects nobody where only others were not well, and nothing of another tenant', async () => {
  const quiet = await causeOf({ services: ['mail'] });
  expect([quiet.suspects, quiet.confidence, quiet.others.length]).toEqual([[], null, 2]);
  expect(quiet.no_suspect).toBe('No suspect: what else was out of order began later, or elsewhere.');
  const blue = await causeOf({ services: ['order'] }, 'blue');
  expect([blue.suspects, blue.others]).toEqual([[], []]);
  expect(blue.no_suspect).toBe('No suspect: nothing that is measured was out of order at that time.');
});

it.each([
  ['lasts: to now, from ten minutes before it', 28, null, 0, '2320s'],
  ['is over: to the end of that minute', 88, 79, ago(79) + 40_000, '1180s'],
  ['is just over: to now', 28, 0.1, 0, '2320s'],
  ['has just begun: to now, from ten minutes before it', 0, null, 0, '640s'],
  ['began with a clock that was ahead: five minutes at least', -30, null, 0, '300s'],
  ['lasts for days: the last one', 9000, null, 0, '86400s'],
] as const)('looks at the time of one that %s', async (_, began, ended, to, window) => {
  const answer = await causeOf({
    startedAt: ago(began),
    endedAt: ended === null ? null : ago(ended),
  });
  expect([answer.window, Date.parse(answer.timestamp)]).toEqual([window, to === 0 ? NOW : to]);
});

it('finds the cause of an incident however much else, and worse, there is', async () => {
  const many = Array.from({ length: 40 }, (_, i) => became(`s${i}`, 25, 'unhealthy'));
  const { suspects, others } = await causeOf({ services: ['order'] }, 'default', [
    ...many,
    became('order', 20, 'degraded'),
  ]);
  expect(shown(suspects)).toEqual(['1 order: named']);
  expect([others.length, others.at(-1)?.rank]).toEqual([20, 21]);
});
