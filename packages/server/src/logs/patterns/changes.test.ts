import { expect, it } from 'vitest';
import { stateErrors } from '../../journal/index.ts';
import { openTestState } from '../../journal/testing/index.ts';
import { PatternChanges } from './changes.ts';
import type { PatternChange } from './miner.ts';

function change(at: number, tenant = 'default'): PatternChange {
  return { tenant, service: 'cart', level: 'error', kind: 'new', pattern: `no stock of <_> ${at}`, at };
}

it('keeps the newest changes of each tenant over a restart', async () => {
  const state = await openTestState();
  const changes = new PatternChanges(state);
  for (let at = 0; at < 510; at++) changes.add(change(at));
  changes.add(change(7, 'blue'));
  await changes.save();
  const next = new PatternChanges(state);
  next.restore();
  expect(next.of('default')).toHaveLength(500);
  expect(next.of('default').slice(0, 2)).toEqual([change(509), change(508)]);
  expect(next.of('blue')).toEqual([change(7, 'blue')]);
  expect(next.of('red')).toEqual([]);
});

it('tries again what the state store did not take', async () => {
  const state = await openTestState();
  let away = true;
  const changes = new PatternChanges({
    get: (kind, tenant, key) => state.get(kind, tenant, key),
    tenants: (kind) => state.tenants(kind),
    put: (kind, tenant, key, value) =>
      away ? Promise.reject(stateErrors.make('full', 'no room')) : state.put(kind, tenant, key, value),
  });
  changes.add(change(1));
  await changes.save();
  away = false;
  await changes.save();
  const next = new PatternChanges(state);
  next.restore();
  expect(next.of('default')).toEqual([change(1)]);
});
