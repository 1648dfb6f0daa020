import { expect, it } from 'vitest';
import type { Suspect } from './suspect.ts';
import { type Suspected, suspicionOf } from './suspicion.ts';

const AT = Date.UTC(2026, 0, 1);

function suspect(name: string, changed: Partial<Suspect> = {}): Suspect {
  return {
    kind: 'service',
    name,
    service: name,
    score: 0.5,
    since: AT,
    affected: [],
    evidence: [],
    ...changed,
  };
}

const told = (suspected: readonly Suspected[]): readonly string[] =>
  suspected.map(({ suspect: { name }, reason }) => `${name}, ${reason.tie}: ${reason.text}`);

it('blames the services that alerts name, what these suffer from, and their endpoints and changes; as they are ranked', () => {
  const { causes, others } = suspicionOf(
    [
      suspect('catalog', { affected: ['order', 'gateway'] }),
      suspect('v2', { kind: 'change', service: 'order', since: null, affected: ['order'] }),
      suspect('auth', { affected: ['user'] }),
      suspect('order'),
      suspect('GET /orders', { kind: 'endpoint', service: 'order' }),
      suspect('mail relay', { kind: 'dependency', service: '', affected: ['gateway', 'order', 'user'] }),
      suspect('store', { kind: 'dependency', service: '' }),
      suspect('order', { kind: 'endpoint', service: 'user' }),
    ],
    { services: ['order', 'user2', 'gateway'], startedAt: AT },
  );
  expect(told(causes)).toEqual([
    'catalog, suffers: alerts are about order and gateway, which suffer from it',
    'v2, named: alerts are about order',
    'order, named: alerts are about order',
    'GET /orders, named: alerts are about order',
    'mail relay, suffers: alerts are about gateway and order, which suffer from it',
  ]);
  const elsewhere = 'elsewhere: also not well at that time, but no alert is about it or what suffers from it';
  expect(told(others)).toEqual([`auth, ${elsewhere}`, `store, ${elsewhere}`, `order, ${elsewhere}`]);
});

it('takes a dependency that is no service by its own name, and one sufferer for one', () => {
  const { causes } = suspicionOf(
    [suspect('store', { kind: 'dependency', service: '' }), suspect('auth', { affected: ['store', 'user'] })],
    { services: ['store'], startedAt: AT },
  );
  expect(told(causes)).toEqual([
    'store, named: alerts are about store',
    'auth, suffers: alerts are about store, which suffers from it',
  ]);
});

it('takes what alerts name also where it came later: an incident goes on', () => {
  const late = suspect('order', { since: AT + 3_600_000 });
  expect(suspicionOf([late], { services: ['order'], startedAt: AT }).causes).toMatchObject([
    { suspect: late },
  ]);
});

it.each([
  [-600_000, 'in_time'],
  [60_000, 'in_time'],
  [60_001, 'later'],
] as const)('without a service, trouble that began %s ms after it is %s', (after, tie) => {
  const one = suspect('order', { since: AT + after });
  const { causes, others } = suspicionOf([one], { services: [], startedAt: AT });
  const [here, there] = tie === 'in_time' ? [causes, others] : [others, causes];
  expect(here).toMatchObject([{ suspect: one, reason: { tie } }]);
  expect(there).toEqual([]);
});

it('without a service, what tells no time can be its cause', () => {
  const one = suspect('GET /', { since: null });
  const { causes, others } = suspicionOf([one, suspect('late', { since: AT + 70_000 })], {
    services: [],
    startedAt: AT,
  });
  expect(told(causes)).toEqual([
    'GET /, in_time: alerts name no service, and it did not begin after the incident',
  ]);
  expect(told(others)).toEqual(['late, later: also not well at that time, but it began after the incident']);
});
