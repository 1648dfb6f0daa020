import type { Decision, Thread } from './contracts.ts';

/** What was decided, in plain words; a word that a newer server writes stands as it is. */
const WORDS: Readonly<Record<string, string>> = {
  routed: 'routed',
  grouped: 'put into its group',
  inhibited: 'kept quiet by another alert',
  inactive: 'outside of the hours of its route',
  muted: 'muted at this time',
  silenced: 'silenced',
  folded: 'left to the page about what it depends on',
  damped: 'its end is held back',
  dropped: 'dropped',
  deduplicated: 'nothing new to tell',
  skipped: 'not sent',
  queued: 'about to be told',
  sent: 'told',
  retrying: 'not taken, tried again',
  failed: 'refused',
  abandoned: 'given up',
  superseded: 'overtaken by news',
  uncertain: 'maybe told twice',
  escalated: 'people on call are told',
  held: 'waits before people are told',
  acknowledged: 'acknowledged',
  unacknowledged: 'no longer acknowledged',
  ended: 'the page is over',
};

export function outcomeWord(outcome: string): string {
  return WORDS[outcome] ?? outcome;
}

/** Who a thread is about: `team-x by webhook[0]`. */
export function whomOf({ receiver, integration }: Pick<Thread, 'receiver' | 'integration'>): string {
  if (receiver === '') return 'all';
  return integration === '' ? receiver : `${receiver} by ${integration}`;
}

const GOOD: ReadonlySet<string> = new Set(['sent', 'deduplicated']);
const BAD: ReadonlySet<string> = new Set([
  'failed',
  'abandoned',
  'retrying',
  'dropped',
  'uncertain',
  'skipped',
]);

export function toneOf({ outcome }: Pick<Decision, 'outcome'>): 'good' | 'bad' | 'quiet' {
  if (GOOD.has(outcome)) return 'good';
  return BAD.has(outcome) ? 'bad' : 'quiet';
}

/** The answer to "why was I (not) paged", in one sentence. */
export function whySentence(threads: readonly Thread[]): string {
  const told = threads.filter((thread) => thread.told);
  if (told.length > 0) return `Told to ${told.map(whomOf).join(', ')}.`;
  const last = threads.filter(({ verdict }) => verdict.outcome !== 'routed' && verdict.outcome !== 'grouped');
  const [first] = last;
  if (first !== undefined)
    return `Nobody was told: ${outcomeWord(first.verdict.outcome)}, ${first.verdict.reason}.`;
  return threads.length === 0
    ? 'Nothing was decided about it yet: an alert that is pending is not routed.'
    : 'Nobody was told yet: its group waits for more alerts.';
}
