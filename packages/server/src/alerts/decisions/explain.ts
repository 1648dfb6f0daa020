import type { Decision, Outcome } from './decision.ts';

/** What became of an alert at one integration of one group, or of the group before anybody was to be told. */
interface Thread {
  readonly route: string;
  readonly group: string;
  readonly receiver: string;
  /** Empty for what was decided of the group as a whole. */
  readonly integration: string;
  /** Whether this integration was told of the alert at least once. */
  readonly isTold: boolean;
  /** In order. */
  readonly decisions: readonly Decision[];
  /** The last word. */
  readonly verdict: Decision;
}

export interface Explanation {
  /** Whether anybody was told. */
  readonly isTold: boolean;
  /** What the alert was called when somebody was told of it; empty while nobody was. */
  readonly title: string;
  /** Threads of integrations that were told first, then the others, each by the time of its verdict, newest first. */
  readonly threads: readonly Thread[];
}

/** Says of the beginning only: they are no verdict where anything came after. */
const OPENINGS: ReadonlySet<Outcome> = new Set(['routed', 'grouped']);

/** "Why was I (not) paged": the decisions about one alert, in the order of time, put together by who they are about. */
export function explain(decisions: readonly Decision[]): Explanation {
  const byThread = new Map<string, Decision[]>();
  for (const decision of decisions) {
    const { group, receiver, integration } = decision;
    const key = JSON.stringify([receiver, integration, group]);
    const thread = byThread.get(key);
    if (thread === undefined) byThread.set(key, [decision]);
    else thread.push(decision);
  }
  const threads = [...byThread.values()].flatMap((of) => threadOf(of) ?? []);
  const told = threads.filter(({ isTold }) => isTold);
  const quiet = threads.filter(({ isTold }) => !isTold);
  const title = decisions.findLast((one) => one.title !== undefined)?.title ?? '';
  return { isTold: told.length > 0, title, threads: [...newestFirst(told), ...newestFirst(quiet)] };
}

function threadOf(decisions: readonly Decision[]): Thread | undefined {
  const verdict = decisions.findLast(({ outcome }) => !OPENINGS.has(outcome)) ?? decisions.at(-1);
  if (verdict === undefined) return undefined;
  const { route, group, receiver, integration } = verdict;
  const isTold = decisions.some(({ outcome }) => outcome === 'sent');
  return { route, group, receiver, integration, isTold, decisions, verdict };
}

function newestFirst(threads: readonly Thread[]): readonly Thread[] {
  return [...threads].sort((a, b) => b.verdict.at - a.verdict.at);
}
