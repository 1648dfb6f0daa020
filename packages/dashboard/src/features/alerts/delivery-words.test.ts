import { expect, it } from 'vitest';
import { reasonOf, subjectOf } from './delivery-words.ts';

const GROUP = '{}/{team="a"}:{alertname="Down"}';
const alert = (fingerprint: string, title = '') => ({ fingerprint, title });

it('a delivery names the alerts it was about, and says how many there are besides', () => {
  const about = [alert('1', 'Down of order'), alert('2', 'Down of user')];
  expect(subjectOf({ about, alerts: 2, group: GROUP })).toEqual({ alerts: about, more: 0 });
  expect(subjectOf({ about, alerts: 40, group: GROUP })).toEqual({ alerts: about, more: 38 });
});

it.each([
  ['{alertname="Down"}', GROUP],
  ['{alertname="Down"}', `${GROUP}#p7`],
  ['an alert without a name', '{}:{}'],
])('what an older version sent is named by its group: %s', (title, group) => {
  expect(subjectOf({ about: [alert('1'), alert('2')], alerts: 3, group })).toEqual({
    alerts: [{ fingerprint: '1', title }],
    more: 2,
  });
});

it('nothing is named where nothing is known', () => {
  expect(subjectOf({ about: [], alerts: 1, group: GROUP })).toEqual({ alerts: [], more: 1 });
});

it('why it was told is said in the tense of its state', () => {
  const reason = 'to be told: alerts ended';
  expect(reasonOf({ state: 'sent', reason, group: GROUP })).toBe('alerts ended');
  expect(reasonOf({ state: 'waiting', reason, group: GROUP })).toBe(reason);
  expect(reasonOf({ state: 'sent', reason: '', group: GROUP })).toBe(GROUP);
});
