import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { createMemoryJournal, flushTables } from '../../journal/testing/index.ts';
import { systemClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import type { Decision } from './decision.ts';
import { DecisionLog } from './decision-log.ts';
import { alertDecisions } from './table.ts';

const NOW = 1_760_000_000_000;
const FINGERPRINTS = ['a', 'b', 'c', 'd', 'e'].map((digit) => digit.repeat(16));

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine([alertDecisions]);
});
afterAll(() => engine.close());

const decision = (fingerprint: string, more: Partial<Decision>): Decision => ({
  at: NOW,
  outcome: 'queued',
  fingerprint,
  route: '{}',
  group: '{}:{}',
  receiver: 'team',
  integration: 'webhook[0]',
  reason: 'because',
  by: ['d1'],
  ...more,
});

it('deliveries are read from the engine as from memory, with titles and without', async () => {
  const journal = createMemoryJournal();
  const log = () =>
    new DecisionLog({
      engine: engine.engine,
      journal,
      clock: systemClock,
      log: silentLog,
      tenant: 'default',
      lose: () => {},
    });
  const first = log();
  const [one = '', two = ''] = FINGERPRINTS;
  await first.decide([
    decision(one, { title: 'Down of order' }),
    decision(two, { title: 'Down of "user"' }),
    decision(one, {
      at: NOW + 10,
      outcome: 'sent',
      title: 'Down of order',
      attempts: 2,
      mayBeDuplicate: true,
    }),
    ...FINGERPRINTS.map((fingerprint) => decision(fingerprint, { at: NOW + 20, by: ['d2'] })),
  ]);
  const span = { from: NOW - 1, to: NOW + 1000 };
  const inMemory = await first.deliveries(span);
  await flushTables(engine.engine, journal, [alertDecisions]);
  const stored = await log().deliveries(span);

  const summary = ({ events }: typeof stored) =>
    events.map(({ id, outcome, alerts, attempts, mayBeDuplicate, about }) => ({
      what: `${id} ${outcome}`,
      figures: [alerts, attempts, mayBeDuplicate],
      titles: about.map(({ title }) => title).sort(),
    }));
  expect(stored.isPartial).toBe(false);
  expect(summary(stored)).toEqual([
    { what: 'd1 queued', figures: [2, 0, false], titles: ['Down of "user"', 'Down of order'] },
    { what: 'd1 sent', figures: [1, 2, true], titles: ['Down of order'] },
    { what: 'd2 queued', figures: [5, 0, false], titles: ['', '', ''] },
  ]);
  expect(summary(stored)).toEqual(summary(inMemory));
  expect(stored.events[1]?.about).toEqual([{ fingerprint: one, title: 'Down of order' }]);
  expect((await log().of(one)).decisions.map(({ title }) => title)).toEqual([
    'Down of order',
    'Down of order',
    undefined,
  ]);
});
