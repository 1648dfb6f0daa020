import type { Policy } from '../config/policy.ts';
import type { PageOrigin } from './advance.ts';
import { type GroupLook, noticeGroup, type Page, withEvent } from './page.ts';
import { decision, firingOf, type PageStep, type PageWorld, ruleOf } from './step.ts';
import { START } from './telling.ts';

/**
 * A page goes on in another group, since the routes lead its alerts there now: as far as it was, and acknowledged if it was. Receivers know it by
 * what they always did.
 */
export function movedPage(
  before: Page,
  { receiver, group, route, groupLabels }: Omit<PageOrigin, 'id'>,
  look: GroupLook,
  { now, policy }: Pick<PageWorld, 'now' | 'policy'>,
): PageStep {
  const text = `the routes lead its alerts to route ${route}, receiver "${receiver}" now: it goes on there`;
  const page: Page = { ...before, receiver, group, route, groupLabels, notices: noticeGroup(before) };
  return said(policy.name === page.policy ? page : ledBy(page, policy, look), { look, now, text });
}

/** A page goes on by another policy, since its own is gone and its receiver leads to that one. */
export function takenUpPage(
  page: Page,
  look: GroupLook,
  { now, policy }: Pick<PageWorld, 'now' | 'policy'>,
): PageStep {
  const text = `policy "${page.policy}" is gone: it goes on by policy "${policy.name}"`;
  return said(ledBy(page, policy, look), { look, now, text });
}

/** Levels of another policy are other people's: the first one is told next. */
function ledBy(page: Page, policy: Policy, look: GroupLook): Page {
  const rule = ruleOf(policy, look.free)?.name ?? page.rule;
  return { ...page, policy: policy.name, rule, phase: anew(page.phase) };
}

function said(
  page: Page,
  { look, now, text }: { readonly look: GroupLook; readonly now: number; readonly text: string },
): PageStep {
  return {
    page: withEvent(page, { at: now, what: 'moved', by: '', text }),
    decisions: [decision('held', text, firingOf(look.alerts))],
    telling: null,
  };
}

function anew(phase: Page['phase']): Page['phase'] {
  return phase.kind === 'escalating' || phase.kind === 'acknowledged' ? { ...phase, position: START } : phase;
}
