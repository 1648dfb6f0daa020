import { describe, expect, it } from 'vitest';
import { createMemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import type { Decision } from './decision.ts';
import { DecisionLog } from './decision-log.ts';

const A = '0123456789abcdef';
const decision = (more: Partial<Decision>): Decision => ({
  at: 1000,
  outcome: 'deduplicated',
  fingerprint: A,
  route: '{}',
  group: 'g',
  receiver: 'team',
  integration: 'webhook[0]',
  reason: 'known',
  by: [],
  ...more,
});

function open(journal = createMemoryJournal()) {
  const engine = { query: () => Promise.reject(new Error('the engine is away')) };
  const clock = new ManualClock();
  const lost = { count: 0 };
  const log = new DecisionLog({
    engine,
    journal,
    clock,
    log: silentLog,
    tenant: 'default',
    lose: (count) => (lost.count += count),
  });
  return { journal, clock, lost, log };
}

const outcomes = async (log: DecisionLog): Promise<readonly string[]> =>
  (await log.of(A)).decisions.map(({ at, outcome }) => `${at} ${outcome}`);

describe('DecisionLog', () => {
  it('keeps what is decided, and writes no repetition', async () => {
    const { log, journal } = open();
    await log.decide([decision({ outcome: 'sent', by: ['d1'] }), decision({})]);
    await log.decide([decision({ at: 2000 })]);
    await log.decide([decision({ at: 3000 }), decision({ at: 3000, integration: 'webhook[1]' })]);
    await log.decide([decision({ at: 4000, outcome: 'sent', by: ['d2'] })]);
    await log.decide([decision({ at: 5000 })]);
    expect(await outcomes(log)).toEqual([
      '1000 sent',
      '1000 deduplicated',
      '3000 deduplicated',
      '4000 sent',
      '5000 deduplicated',
    ]);
    expect(journal.appended).toHaveLength(4);
  });

  it('goes on where the journal is full, and writes later what it owes', async () => {
    const { log, journal, clock, lost } = open();
    journal.failWith('full');
    await log.decide([decision({ outcome: 'queued' })]);
    await log.decide([decision({ at: 2000, outcome: 'sent' })]);
    // What is owed was said: it is no news.
    await log.decide([decision({ at: 3000, outcome: 'sent' })]);
    expect([await outcomes(log), log.owed, journal.appended.length]).toEqual([
      ['1000 queued', '2000 sent'],
      2,
      0,
    ]);
    await clock.advance(1000);
    expect(log.owed).toBe(2);
    journal.failWith(null);
    await clock.advance(1000);
    expect([log.owed, lost.count]).toEqual([0, 0]);
    const again = open(createMemoryJournal(journal.appended.map(({ frames }) => frames)));
    await again.log.start();
    expect(await outcomes(again.log)).toEqual(['1000 queued', '2000 sent']);
  });

  it('owes no more than fits, counts the rest, and tries for the last time when it stops', async () => {
    const { log, journal, lost } = open();
    journal.failWith('failed');
    const many = Array.from({ length: 100_003 }, (_, i) => decision({ fingerprint: `${i}` }));
    await log.decide(many);
    expect([log.owed, lost.count]).toEqual([100_000, 3]);
    journal.failWith(null);
    await log.stop();
    expect([log.owed, lost.count]).toEqual([0, 3]);
    journal.failWith('stopped');
    await expect(log.decide([decision({ at: 9000 })])).rejects.toMatchObject({ code: 'journal.stopped' });
  });

  it('writes as many at once as the journal takes', async () => {
    const { log, journal } = open();
    await log.decide(Array.from({ length: 12_000 }, (_, i) => decision({ fingerprint: `${i}` })));
    const rows = journal.appended.map(({ frames }) => frames.reduce((sum, frame) => sum + frame.rows, 0));
    expect(rows).toEqual([5000, 5000, 2000]);
  });

  it('does not take the beginning for news after what followed it', async () => {
    const { log } = open();
    const routed = (at: number) => [
      decision({ at, outcome: 'routed', integration: '' }),
      decision({ at, outcome: 'grouped', integration: '' }),
    ];
    await log.decide(routed(1));
    await log.decide([decision({ at: 2, integration: '', outcome: 'silenced', by: ['s'] })]);
    await log.decide(routed(3));
    expect(await outcomes(log)).toEqual(['1 routed', '1 grouped', '2 silenced']);
  });

  it('reads back after a kill what the engine does not have, in its order', async () => {
    const first = open();
    await first.log.decide([
      decision({ outcome: 'queued', mayBeDuplicate: true }),
      decision({ outcome: 'sent', by: ['d1', 'ü'], attempts: 3, title: 'Down of bücher' }),
    ]);
    const again = open(createMemoryJournal(first.journal.appended.map(({ frames }) => frames)));
    await again.log.start();
    expect(await again.log.of(A)).toEqual({ ...(await first.log.of(A)), isPartial: true });
    // Numbers go on, and what was said last is still known.
    await again.log.decide([decision({ outcome: 'sent', by: ['d1', 'ü'] }), decision({ at: 1000 })]);
    expect(await outcomes(again.log)).toEqual(['1000 queued', '1000 sent', '1000 deduplicated']);
  });

  it.each([
    { schemaVersion: 1, without: 'attempts, the mark and titles', bytes: 6 },
    { schemaVersion: 2, without: 'titles', bytes: 1 },
  ])(
    'reads what an older version left in the journal, without $without',
    async ({ schemaVersion, bytes }) => {
      const first = open();
      await first.log.decide([decision({ outcome: 'sent', by: ['d1'] })]);
      await first.log.decide([decision({})]);
      // Its rows ended before them.
      const old = first.journal.appended.map(({ frames }) =>
        frames.map((frame) => ({ ...frame, schemaVersion, payload: frame.payload.subarray(0, -bytes) })),
      );
      const again = open(createMemoryJournal(old));
      await again.log.start();
      expect(await again.log.of(A)).toEqual({ ...(await first.log.of(A)), isPartial: true });
    },
  );
});
