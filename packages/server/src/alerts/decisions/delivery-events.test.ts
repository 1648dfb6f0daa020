import { expect, it } from 'vitest';
import { deliveriesOf, integrationRecords } from '../pages/deliveries.ts';
import type { Outcome } from './decision.ts';
import { type DeliveryEvent, deliveryEventsOf, joinDeliveryEvents } from './delivery-events.ts';

function event(id: string, outcome: Outcome, at: number, more: Partial<DeliveryEvent> = {}): DeliveryEvent {
  return {
    id,
    outcome,
    at,
    seq: at,
    route: '{}',
    group: '{}:{}',
    receiver: 'team',
    integration: 'webhook[0]',
    reason: outcome,
    alerts: 1,
    attempts: 0,
    mayBeDuplicate: false,
    about: [],
    ...more,
  };
}

it('puts the decisions about the alerts of one delivery together', () => {
  const decision = (fingerprint: string, outcome: Outcome, at: number, by: readonly string[]) => ({
    ...event('', outcome, at),
    fingerprint,
    by,
  });
  const events = deliveryEventsOf(
    [
      decision('a', 'queued', 10, ['x']),
      decision('b', 'queued', 10, ['x']),
      { ...decision('a', 'sent', 12, ['x']), title: 'Down of order' },
      // Of silences, not of a delivery; and outside of the span.
      decision('a', 'silenced', 11, ['s']),
      decision('a', 'queued', 99, ['y']),
    ],
    { from: 0, to: 50 },
  );
  expect(events.map(({ id, outcome, alerts }) => `${id} ${outcome} ${alerts}`)).toEqual([
    'x queued 2',
    'x sent 1',
  ]);
  expect(events.map(({ about }) => about)).toEqual([
    [
      { fingerprint: 'a', title: '' },
      { fingerprint: 'b', title: '' },
    ],
    [{ fingerprint: 'a', title: 'Down of order' }],
  ]);
});

it('names some alerts of a delivery of many, and counts all', () => {
  const many = ['a', 'b', 'c', 'd', 'e'].map((fingerprint) => ({
    ...event('', 'queued', 10),
    fingerprint,
    by: ['x'],
  }));
  const [one] = deliveryEventsOf(many, { from: 0, to: 50 });
  expect([one?.alerts, one?.about.map(({ fingerprint }) => fingerprint)]).toEqual([5, ['a', 'b', 'c']]);
});

it('takes the fuller account where the engine has a part of what memory has', () => {
  const joined = joinDeliveryEvents(
    [event('x', 'sent', 12), event('x', 'queued', 10, { alerts: 2 })],
    [event('x', 'queued', 10), event('x', 'sent', 12, { alerts: 2 })],
  );
  expect(joined.map(({ outcome, alerts }) => `${outcome} ${alerts}`)).toEqual(['queued 2', 'sent 2']);
});

it('says of each delivery how it ended, after how many attempts, and of each integration how it does', () => {
  const deliveries = deliveriesOf(
    joinDeliveryEvents([
      event('a', 'queued', 1),
      event('a', 'retrying', 2, { reason: 'status 503; next attempt in 1 s', attempts: 1 }),
      event('b', 'queued', 3),
      event('b', 'uncertain', 4, { attempts: 1, mayBeDuplicate: true }),
      event('b', 'sent', 5, { reason: 'told', attempts: 2, mayBeDuplicate: true }),
      event('c', 'queued', 6, { integration: 'webhook[1]' }),
      event('c', 'abandoned', 7, {
        integration: 'webhook[1]',
        reason: 'given up after 9 attempts: status 503',
        attempts: 4,
      }),
      event('d', 'superseded', 8),
      // An answer that did not come in time: it may have been taken.
      event('e', 'retrying', 9, { attempts: 1, mayBeDuplicate: true }),
      event('e', 'sent', 10, { attempts: 2, mayBeDuplicate: true }),
      // As an older version wrote it.
      event('f', 'uncertain', 11),
      event('f', 'sent', 12, { reason: 'told after 3 attempts: the receiver has not heard of the group' }),
    ]),
  );
  expect(
    deliveries.map(({ id, state, attempts, error, mayBeDuplicate }) => [
      id,
      state,
      attempts,
      error,
      mayBeDuplicate,
    ]),
  ).toEqual([
    ['f', 'sent', 2, '', true],
    ['e', 'sent', 2, '', true],
    ['d', 'superseded', 0, '', false],
    ['c', 'failed', 4, 'given up after 9 attempts: status 503', false],
    ['b', 'sent', 2, '', true],
    ['a', 'waiting', 1, 'status 503; next attempt in 1 s', false],
  ]);
  expect(
    integrationRecords(deliveries).map(({ integration, counts, lastFailedAt }) => [
      integration,
      counts.sent,
      lastFailedAt,
    ]),
  ).toEqual([
    ['webhook[1]', 0, 7],
    ['webhook[0]', 3, null],
  ]);
});
