import type { StateWrite } from '../../journal/index.ts';
import type { Decision } from '../decisions/decision.ts';
import type { OutboxEffect, OutboxItem, OutboxStep } from './item.ts';
import { doubtWrites, itemWrites, logWrites, type StateReader, settledDoubtWrites } from './stored.ts';

/** What a step is made of, in the order in which it must be done; each waits until the one before is durable. */
export type PlanStep =
  /** Rows of `alert_decisions`, in the journal. */
  | { readonly kind: 'decide'; readonly decisions: readonly Decision[] }
  /** All of it together in the StateStore, or none. */
  | { readonly kind: 'store'; readonly writes: readonly StateWrite[] }
  | { readonly kind: 'act'; readonly effects: readonly OutboxEffect[] };

/** Where a step is to be written, and what it begins from: the item it is a step of, for a new one what that replaces, else null. */
export interface PlanPlace {
  readonly state: StateReader;
  readonly tenant: string;
  readonly before: OutboxItem | null;
}

/**
 * The plan of a step. Decisions come first: what was told stands in the history even when a kill makes it be told again, so that no
 * explanation is without its cause.
 */
export function planOf({ state, tenant, before }: PlanPlace, step: OutboxStep): readonly PlanStep[] {
  const { decisions, item, log, effects, doubt } = step;
  const writes = [
    ...itemWrites(tenant, before, item),
    ...(log === null ? [] : [...logWrites(state, tenant, log), ...settledDoubtWrites(state, tenant, log)]),
    ...(doubt === undefined ? [] : doubtWrites(tenant, doubt)),
  ];
  return [
    ...(decisions.length > 0 ? [{ kind: 'decide', decisions } as const] : []),
    ...(writes.length > 0 ? [{ kind: 'store', writes } as const] : []),
    ...(effects.length > 0 ? [{ kind: 'act', effects } as const] : []),
  ];
}
