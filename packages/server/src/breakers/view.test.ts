import { expect, it } from 'vitest';
import type { Instance } from './fleet.ts';
import { ZERO_COUNTS } from './model.ts';
import { breakerView, fleetView } from './view.ts';

it('sums what instances count as far as a number can tell it', () => {
  const requests = Number.MAX_SAFE_INTEGER;
  const instance = (name: string): Instance => ({
    tenant: 'default',
    session: name,
    firstSeen: 0,
    service: 'order',
    instance: name,
    version: '',
    status: 'live',
    lastSeen: 0,
    commandable: false,
    breakers: [
      {
        name: 'user-client',
        service: 'user',
        kind: 'pharos',
        state: 'CLOSED',
        counts: { ...ZERO_COUNTS, requests, total_failures: requests },
        last_change: null,
        forced: false,
        forced_until: null,
        actions: [],
        settings: {},
      },
    ],
  });
  const [row] = fleetView([instance('a'), instance('b')], [], (name) => name);
  expect(breakerView.parse(row).counts).toMatchObject({ requests, total_failures: requests });
});
