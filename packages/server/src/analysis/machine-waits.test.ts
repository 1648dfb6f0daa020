import { describe, expect, it } from 'vitest';
import type { Line } from '../overview/index.ts';
import { type Waits, withoutWaits } from './machine-waits.ts';
import { deviationsIn } from './signal-lines.ts';

const MINUTE = 60_000;
const FROM = 60 * MINUTE;
const grid = { start: 0, end: 69 * MINUTE, step: MINUTE };

/** An hour of what is usual, then ten minutes of what is now. */
const line = (usual: number, now: number): Line =>
  Array.from({ length: 70 }, (_, i) => (i < 60 ? usual + (i % 3) * usual * 0.01 : now));

/** What counts against a service whose loop lags by 0.4 s, of which 95 % of the requests take so long, and that takes so much of a core. */
function against(p95: number, waits: Partial<Record<keyof Waits, Line>>): readonly string[] {
  const services = new Map([
    ['order', { event_loop_lag: line(0.02, 0.4), latency_p95: line(0.1, p95), cpu_percent: line(8, 9) }],
  ]);
  const of = (one: Line | undefined) => new Map(one === undefined ? [] : [['order', one]]);
  const seen = withoutWaits({ grid, services }, { busy: of(waits.busy), lag: of(waits.lag) }, FROM);
  return deviationsIn(seen, FROM).map(({ signal }) => signal);
}

describe('what a service waits for its machine for', () => {
  it.each<readonly [string, number, Partial<Record<keyof Waits, Line>>, readonly string[]]>([
    [
      'counts where it is busy itself',
      2,
      { busy: line(8, 90), lag: line(0.02, 0.4) },
      ['event_loop_lag', 'latency_p95'],
    ],
    ['counts where nobody measures that', 2, {}, ['event_loop_lag', 'latency_p95']],
    ['does not count against it', 2, { busy: line(8, 9), lag: line(0.02, 0.4) }, []],
    ['is no more than its turns', 5, { busy: line(8, 9), lag: line(0.02, 0.4) }, ['latency_p95']],
    ['is no request where its loop does not lag', 2, { busy: line(8, 9) }, ['latency_p95']],
  ])('%s', (_what, p95, waits, expected) => {
    expect(against(p95, waits).toSorted()).toEqual(expected);
  });

  it('counts from when it was busy on', () => {
    const busy = line(8, 9).map((value, i) => (i < 64 ? value : 95));
    const services = new Map([['order', { event_loop_lag: line(0.02, 0.4) }]]);
    const waits = { busy: new Map([['order', busy]]), lag: new Map<string, Line>() };
    expect(deviationsIn(withoutWaits({ grid, services }, waits, FROM), FROM)).toMatchObject([
      { signal: 'event_loop_lag', from: 64 * MINUTE, to: null },
    ]);
  });
});
