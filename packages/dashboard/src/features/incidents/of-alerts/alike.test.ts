import { expect, it } from 'vitest';
import { foldedMembers, pointsWords } from './alike.ts';
import type { Member } from './contracts.ts';

const member = (alertname: string, host: string, more: Partial<Member> = {}): Member => ({
  fingerprint: `${alertname} ${host}`,
  labels: { alertname, host },
  summary: '',
  severity: 'warning',
  services: [],
  about: host,
  sign_at: 0,
  starts_at: 0,
  ended_at: null,
  times: 1,
  joined_at: 0,
  merged_from: null,
  why: { to: 'first', score: 50, reasons: [] },
  ...more,
});
const hot = (count: number, from = 1): readonly Member[] =>
  Array.from({ length: count }, (_, i) => member('Hot', `h${from + i}`));
const shown = (members: readonly Member[]): readonly string[] =>
  foldedMembers(members).map((one) =>
    'members' in one
      ? `${one.members.length} ${one.name} (${one.about}), ${one.severity}${one.isOver ? ', over' : ''}`
      : one.fingerprint,
  );

it('is one row for alerts of one name at the place of the first, and has them all in their order', () => {
  const first = member('Hot', 'h0', { why: { to: '', score: 0, reasons: [] } });
  const all = [first, member('Disk', 'h1'), ...hot(2), member('Down', 'h1'), ...hot(36, 3)];
  expect(shown(all)).toEqual(['Hot h0', 'Disk h1', '38 Hot (h1, h2, h3 and 35 more), warning', 'Down h1']);
  expect(foldedMembers(all)[2]).toMatchObject({ members: [...hot(2), ...hot(36, 3)] });
});

it('keeps apart what is over, what is worse, and two alone', () => {
  expect(
    shown([
      ...hot(3),
      ...hot(3, 4).map((one) => ({ ...one, ended_at: 1 })),
      ...hot(2, 7).map((one) => ({ ...one, severity: 'critical' as const })),
    ]),
  ).toEqual(['3 Hot (h1, h2, h3), warning', '3 Hot (h4, h5, h6), warning, over', 'Hot h7', 'Hot h8']);
});

it('is called by the one thing that all of them are about', () => {
  expect(shown(hot(3).map((one) => ({ ...one, about: 'order' })))).toEqual(['3 Hot of order (), warning']);
  expect(shown(hot(3).map((one) => ({ ...one, about: '' })))).toEqual(['3 Hot (), warning']);
  const nameless = member('Hot', 'h1', { about: '' });
  expect(shown([nameless, ...hot(2, 2)])).toEqual(['3 Hot (h2, h3), warning']);
});

it('stays the same row while alerts join', () => {
  const keys = [hot(3), hot(9)].map((all) => foldedMembers(all).map((one) => ('key' in one ? one.key : '')));
  expect(keys[0]).toEqual(keys[1]);
});

it('says by how much alerts belong to it', () => {
  const of = (...scores: readonly number[]) =>
    scores.map((score) => ({ why: { to: 'x', score, reasons: [] } }));
  expect([pointsWords(of(50, 50)), pointsWords(of(65, 50, 55))]).toEqual(['50 points', '50 to 65 points']);
});
