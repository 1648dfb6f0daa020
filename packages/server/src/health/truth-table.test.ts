import { describe, expect, it } from 'vitest';
import type { Look } from './looks.ts';
import { REPORT_EXPIRY_MS, type Report } from './report.ts';
import type { Signal, SignalKind } from './signal.ts';
import { judgeService } from './state.ts';
import type { Status } from './status.ts';

/**
 * The whole table of docs/health.md: every state of every source with every state of every other one. What is expected
 * is written here as figures per row of the table, not with the function's own code: 0 nothing known, 1 well,
 * 2 degraded, 3 unhealthy; `fails` marks rows in which the service does not answer that source at all.
 */
interface Row<T> {
  readonly given: T;
  readonly weight: 0 | 1 | 2 | 3;
  readonly fails?: boolean;
}

const NOW = 10_000_000;
const look = (ok: boolean, inARow: number, extra: Partial<Look> = {}): Look => ({
  instance: 'a:1',
  ok,
  inARow,
  at: NOW,
  ...extra,
});
const says = (status: 'degraded' | 'unhealthy', instance = 'a:1'): Look =>
  look(true, 1, { instance, says: { status, details: '' } });

const SCRAPE: readonly Row<readonly Look[]>[] = [
  { given: [], weight: 0 },
  { given: [look(true, 1)], weight: 1 },
  { given: [look(false, 1)], weight: 2, fails: true },
  { given: [look(true, 1), look(false, 2, { instance: 'b:1' })], weight: 2 },
  { given: [look(false, 2)], weight: 3, fails: true },
];
const POLL: readonly Row<readonly Look[]>[] = [
  ...SCRAPE,
  { given: [says('degraded')], weight: 2 },
  { given: [says('unhealthy')], weight: 3 },
  { given: [says('unhealthy'), look(true, 1, { instance: 'b:1' })], weight: 2 },
  { given: [says('unhealthy'), says('degraded', 'b:1')], weight: 2 },
  { given: [says('unhealthy'), look(false, 1, { instance: 'b:1' })], weight: 2 },
  { given: [says('unhealthy'), says('unhealthy', 'b:1')], weight: 3 },
  { given: [says('unhealthy'), look(false, 2, { instance: 'b:1' })], weight: 3 },
];
const reported = (status: Report['status'], age = 0): Report => ({ status, at: NOW - age });
const REPORT: readonly Row<Report | null>[] = [
  { given: null, weight: 0 },
  { given: reported('healthy'), weight: 1 },
  { given: reported('degraded'), weight: 2 },
  { given: reported('unhealthy'), weight: 3, fails: true },
  { given: reported('down'), weight: 3, fails: true },
  { given: reported('down', REPORT_EXPIRY_MS + 1), weight: 0 },
];

/** How bad a kind can make a service, and whether at its worst it says that the service does not answer. */
const WORST: Readonly<Record<SignalKind, { readonly weight: 2 | 3; readonly fails: boolean }>> = {
  probe: { weight: 3, fails: true },
  heartbeat: { weight: 3, fails: true },
  traffic: { weight: 3, fails: false },
  events: { weight: 3, fails: false },
  resources: { weight: 2, fails: false },
  breaker: { weight: 2, fails: false },
  errors: { weight: 2, fails: false },
};
const STATES: readonly Status[] = ['unknown', 'healthy', 'degraded', 'unhealthy'];

function rowsOf(kind: SignalKind): Row<readonly Signal[]>[] {
  const signal = (status: Status): Signal => ({
    kind,
    status,
    message: status === 'healthy' ? '' : `${kind} is ${status}`,
    at: NOW,
  });
  return [
    { given: [], weight: 0 },
    { given: [signal('unknown')], weight: 0 },
    { given: [signal('healthy')], weight: 1 },
    { given: [signal('degraded')], weight: 2 },
    { given: [signal('unhealthy')], weight: WORST[kind].weight, fails: WORST[kind].fails },
  ];
}

function* product(rows: readonly Row<readonly Signal[]>[][]): Generator<readonly Row<readonly Signal[]>[]> {
  const [first, ...rest] = rows;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const row of first) for (const others of product(rest)) yield [row, ...others];
}

/** Counts the cases in which the function and the table differ, and keeps the first. */
function check(signalRows: readonly Row<readonly Signal[]>[][]): {
  readonly cases: number;
  readonly wrong: string[];
} {
  const wrong: string[] = [];
  let cases = 0;
  for (const signals of product(signalRows)) {
    for (const scrape of SCRAPE)
      for (const poll of POLL)
        for (const report of REPORT) {
          const rows = [scrape, poll, report, ...signals];
          const failing = rows.filter((row) => row.fails).length;
          const heaviest = Math.max(...rows.map((row) => row.weight));
          const expected = STATES[failing >= 2 ? 3 : heaviest];
          const judged = judgeService(
            {
              scrape: scrape.given,
              poll: poll.given,
              report: report.given,
              signals: signals.flatMap((row) => row.given),
            },
            NOW,
          );
          cases++;
          const explained = judged.status === 'healthy' || judged.reasons.length > 0;
          if ((judged.status !== expected || !explained) && wrong.length < 3)
            wrong.push(`${JSON.stringify(rows.map((row) => row.given))}: ${judged.status}, not ${expected}`);
        }
  }
  return { cases, wrong };
}

describe("the health function's truth table", () => {
  it('holds for every state of every source beside every state of the ways to look', () => {
    for (const kind of Object.keys(WORST) as SignalKind[])
      expect(check([rowsOf(kind)])).toEqual({ cases: 5 * 12 * 6 * 5, wrong: [] });
  });

  it('holds for every pair of signals', () => {
    const kinds = Object.keys(WORST) as SignalKind[];
    for (const [i, a] of kinds.entries())
      for (const b of kinds.slice(i + 1)) expect(check([rowsOf(a), rowsOf(b)]).wrong).toEqual([]);
  });

  it('holds for all signals together', () => {
    const everySignal = (Object.keys(WORST) as SignalKind[]).map(rowsOf);
    let wrong = 0;
    let cases = 0;
    for (const signals of product(everySignal)) {
      const failing = signals.filter((row) => row.fails).length;
      const heaviest = Math.max(...signals.map((row) => row.weight));
      const given = signals.flatMap((row) => row.given);
      const { status } = judgeService({ scrape: [], poll: [], report: null, signals: given }, NOW);
      cases++;
      if (status !== STATES[failing >= 2 ? 3 : heaviest]) wrong++;
    }
    expect({ cases, wrong }).toEqual({ cases: 5 ** 7, wrong: 0 });
  });
});
