import { expect, it } from 'vitest';
import type { Suspect } from './contracts.ts';
import { suspicionOf } from './suspects.ts';

const AT = Date.parse('2026-01-01T00:00:00Z');

function suspect(name: string, changed: Partial<Suspect> = {}): Suspect {
  return {
    rank: 1,
    name,
    service: name,
    score: 0.5,
    since: new Date(AT).toISOString(),
    affected: [],
    evidence: [],
    actions: [],
    ...changed,
  };
}

const namesOf = (suspects: readonly Suspect[]): readonly string[] => suspects.map(({ name }) => name);

it('blames the services its alerts name, what these suffer from, and their endpoints and changes', () => {
  const { causes, others } = suspicionOf(
    [
      suspect('catalog', { affected: ['order', 'gateway'] }),
      suspect('order'),
      suspect('GET /orders', { service: 'order' }),
      suspect('v2', { service: 'order', since: null }),
      suspect('mail relay', { service: '', affected: ['order'] }),
      suspect('auth', { affected: ['user'] }),
      suspect('order', { service: 'user' }),
    ],
    { services: ['order'], started_at: AT },
  );
  expect(namesOf(causes)).toEqual(['catalog', 'order', 'GET /orders', 'v2', 'mail relay']);
  expect(others.map(({ service }) => service)).toEqual(['auth', 'user']);
});

it('takes what its alerts name also where it came later: an incident goes on', () => {
  const late = suspect('order', { since: new Date(AT + 3_600_000).toISOString() });
  expect(suspicionOf([late], { services: ['order'], started_at: AT }).causes).toEqual([late]);
});

it.each([
  [-600_000, true],
  [60_000, true],
  [60_001, false],
])('without a service, trouble that began %s ms after it can be its cause: %s', (after, can) => {
  const one = suspect('order', { since: new Date(AT + after).toISOString() });
  const { causes, others } = suspicionOf([one], { services: [], started_at: AT });
  expect([causes.length, others.length]).toEqual(can ? [1, 0] : [0, 1]);
});

it('without a service, what tells no time can be its cause', () => {
  const one = suspect('GET /', { since: null });
  expect(suspicionOf([one], { services: [], started_at: AT }).causes).toEqual([one]);
});
