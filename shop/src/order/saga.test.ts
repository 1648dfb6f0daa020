import { describe, expect, it } from 'vitest';
import type { Order, OrderState, OrderStep } from '../shared/storage/types.ts';
import type { Outcome } from './saga.ts';
import { advance } from './saga.ts';

const order = (step: OrderStep): Order => ({
  id: 'o',
  userId: 'u',
  productId: 'p',
  productName: null,
  quantity: 2,
  unitCents: null,
  state: 'created',
  step,
  reason: null,
  createdAt: 1,
  updatedAt: 1,
});

const reserved: Outcome = { kind: 'reserved', productName: 'P', unitCents: 5 };
const ok: Outcome = { kind: 'ok' };
const refused: Outcome = { kind: 'refused', reason: 'no' };
const lost: Outcome = { kind: 'lost', reason: 'timeout' };

/** Every step with every outcome: where the order stands after it. */
const TABLE: readonly [OrderStep, Outcome, OrderState, OrderStep, string | null][] = [
  ['reserve', reserved, 'created', 'charge', null],
  ['reserve', refused, 'cancelled', 'done', 'no'],
  ['reserve', lost, 'created', 'release', 'timeout'],
  ['reserve', ok, 'created', 'release', 'unavailable'],
  ['charge', ok, 'executed', 'done', null],
  ['charge', reserved, 'executed', 'done', null],
  ['charge', refused, 'created', 'release', 'no'],
  ['charge', lost, 'created', 'refund', 'timeout'],
  ['refund', ok, 'created', 'release', null],
  ['refund', lost, 'created', 'refund', null],
  ['refund', refused, 'created', 'refund', null],
  ['refund', reserved, 'created', 'refund', null],
  ['release', ok, 'cancelled', 'done', null],
  ['release', lost, 'created', 'release', null],
  ['release', refused, 'created', 'release', null],
  ['release', reserved, 'created', 'release', null],
  ['done', ok, 'created', 'done', null],
  ['done', lost, 'created', 'done', null],
  ['done', refused, 'created', 'done', null],
  ['done', reserved, 'created', 'done', null],
];

describe('an order', () => {
  it.each(TABLE)('at %s after %o is %s at %s', (step, outcome, state, next, reason) => {
    expect(advance(order(step), outcome, 9)).toMatchObject({ state, step: next, reason });
  });

  it('keeps the price it was promised', () => {
    expect(advance(order('reserve'), reserved, 9)).toMatchObject({
      productName: 'P',
      unitCents: 5,
      updatedAt: 9,
    });
  });
});
