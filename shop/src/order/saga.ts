import type { Order, OrderStep } from '../shared/storage/types.ts';

/**
 * An order's way, as a pure state machine. Every step is stored before it is tried and may be tried again, so that a
 * crash or a lost answer at any point ends in "stock and balance moved" or "neither moved", never between.
 *
 *   reserve ──ok──> charge ──ok──> done (executed)
 *      │ no            │ no
 *      v               v
 *     done          release ──ok──> done (cancelled)
 *  (cancelled)         ^
 *      reserve lost ───┤            "lost": no answer came, so it is unknown whether the call had an effect;
 *      charge lost ──> refund       the compensation is right either way, and is repeated until it is answered
 */
export type Outcome =
  | { readonly kind: 'reserved'; readonly productName: string; readonly unitCents: number }
  | { readonly kind: 'ok' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'lost'; readonly reason: string };

/** The order after the outcome of its current step. */
export function advance(order: Order, outcome: Outcome, now: number): Order {
  const moved = { ...order, updatedAt: now };
  switch (order.step) {
    case 'reserve':
      return afterReserve(moved, outcome);
    case 'charge':
      if (outcome.kind === 'lost') return { ...moved, step: 'refund', reason: outcome.reason };
      if (outcome.kind === 'refused') return { ...moved, step: 'release', reason: outcome.reason };
      return { ...moved, state: 'executed', step: 'done' };
    case 'refund':
      return compensated(moved, outcome, 'release');
    case 'release':
      return compensated(moved, outcome, 'done');
    case 'done':
      return order;
  }
}

function afterReserve(order: Order, outcome: Outcome): Order {
  switch (outcome.kind) {
    case 'reserved':
      return { ...order, step: 'charge', productName: outcome.productName, unitCents: outcome.unitCents };
    case 'refused':
      return { ...order, state: 'cancelled', step: 'done', reason: outcome.reason };
    case 'ok':
    case 'lost':
      return { ...order, step: 'release', reason: outcome.kind === 'lost' ? outcome.reason : 'unavailable' };
  }
}

/** A compensation that was not answered stays where it is, for the next try. */
function compensated(order: Order, outcome: Outcome, next: OrderStep): Order {
  if (outcome.kind !== 'ok') return order;
  return next === 'done' ? { ...order, state: 'cancelled', step: 'done' } : { ...order, step: next };
}
