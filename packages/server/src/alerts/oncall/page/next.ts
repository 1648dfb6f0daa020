import type { Page } from './page.ts';
import type { PageWorld } from './step.ts';
import { nextLevel, recipientsOf, START } from './telling.ts';

/** Whom a page tells next, unless it is acknowledged or ends before. */
export interface NextTelling {
  /** Epoch ms. */
  readonly at: number;
  /** From 1. */
  readonly level: number;
  readonly levels: number;
  /** The how-manieth time its level is told, from 1. */
  readonly time: number;
  readonly times: number;
  readonly recipients: readonly { readonly receiver: string; readonly person: string | null }[];
}

/** Null when nobody is: somebody acknowledged, all were told, or its policy is gone. `world` is as of the telling. */
export function nextTelling({ phase, rule: name, reach }: Page, world: PageWorld): NextTelling | null {
  if (phase.kind !== 'escalating') return null;
  const { policy } = world;
  const rule = policy.rules.find((one) => one.name === name);
  if (rule === undefined) return null;
  const from = phase.position ?? (reach.isReached ? null : START);
  for (let at = from; at !== null; at = nextLevel(at, rule, policy)) {
    const level = rule.levels[at.level];
    if (level === undefined) return null;
    const { recipients } = recipientsOf(level, world);
    if (recipients.length === 0) continue;
    return {
      at: phase.next,
      level: at.level + 1,
      levels: rule.levels.length,
      time: at.time + 1,
      times: level.times,
      recipients,
    };
  }
  return null;
}
