import type { Breaker, Instance } from './contracts.ts';

const counts = {
  requests: 0,
  total_successes: 0,
  total_failures: 0,
  consecutive_successes: 0,
  consecutive_failures: 0,
};
/** An instance as the server tells of it. */
export const instance = (name: string, more: Partial<Instance> = {}): Instance => ({
  instance: name,
  version: '1',
  status: 'live',
  last_seen: 0,
  state: 'CLOSED',
  forced: false,
  forced_until: null,
  last_change: null,
  counts,
  commands: true,
  ...more,
});
/** A breaker as the server tells of it. */
export const breaker = (instances: Instance[], more: Partial<Breaker> = {}): Breaker => ({
  service: 'order',
  name: 'user-client',
  upstream: 'user',
  kind: 'pharos',
  source: 'channel',
  state: 'CLOSED',
  since: null,
  forced: false,
  forced_until: null,
  counts,
  actions: ['reset'],
  settings: {},
  instances,
  ...more,
});
