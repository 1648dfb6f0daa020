import { expect, it } from 'vitest';
import type { Thread } from './contracts.ts';
import { outcomeWord, whySentence } from './why-words.ts';

function thread(outcome: string, told = false, reason = 'because'): Thread {
  const verdict = {
    at: 1,
    outcome,
    route: '{}',
    receiver: 'team',
    integration: 'webhook[0]',
    reason,
    by: [],
  };
  return { group: 'g', receiver: 'team', integration: 'webhook[0]', told, verdict, decisions: [verdict] };
}

it.each([
  [[thread('deduplicated', true), thread('silenced')], 'Told to team by webhook[0].'],
  [[thread('silenced')], 'Nobody was told: silenced, because.'],
  [[thread('grouped')], 'Nobody was told yet: its group waits for more alerts.'],
  [[], 'Nothing was decided about it yet: an alert that is pending is not routed.'],
])('%#', (threads, sentence) => {
  expect(whySentence(threads)).toBe(sentence);
});

it('leaves a word it does not know as it is', () => {
  expect(outcomeWord('teleported')).toBe('teleported');
});
