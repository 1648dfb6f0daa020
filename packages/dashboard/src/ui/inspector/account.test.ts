import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountOf } from './account.ts';

const facts = (stats: unknown) => ({ warnings: [], infos: [], stats, size: 10, fetchMs: 100, parseMs: 5 });
const selection = {
  selector: 'up',
  start: 0,
  end: 60,
  from: 'head',
  note: '',
  series: 3,
  samples: 9,
  seconds: 0.02,
};

describe("a run's account", () => {
  it('parts the time into phases that add up to what the reader waited', () => {
    const { phases, explain } = accountOf(
      facts({
        timings: { evalTotalTime: 0.05, execQueueTime: 0.01, execTotalTime: 0.06 },
        explain: { id: 'q-1', selections: [selection], statements: [], statementsLeftOut: 0 },
      }),
    );
    expect(phases.map(({ seconds }) => Number(seconds.toFixed(3)))).toEqual([0.01, 0.02, 0.03, 0.04, 0.005]);
    expect(explain?.selections).toEqual([selection]);
  });

  it('is read whatever the server tells, and no phase is negative', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (stats) => {
        expect(accountOf(facts(stats)).phases.every(({ seconds }) => seconds >= 0)).toBe(true);
      }),
    );
  });
});
