import { formatDuration } from '@pharos/promql';
import type { FlushedAlert } from '../../received/alert.ts';
import type { PolicyRule } from '../config/policy.ts';
import { type GroupLook, type Page, type PageEvent, withAlerts, withEvent } from './page.ts';
import {
  decision,
  firingOf,
  held,
  type PageDecision,
  type PageStep,
  type PageWorld,
  quiet,
  ruleOf,
} from './step.ts';
import { due, hasCome, MOST_PAUSE_MS, nextLevel, START, tellFrom } from './telling.ts';

/*
 *   (first word) ──> escalating ──tell──> escalating ──...──> exhausted
 *                     │   ^  │                                  │
 *        acknowledge  │   │  └──────── all alerts ended ────────┼──> ended
 *                     v   │ unacknowledge, time over, urgency   │
 *                   acknowledged <──────── acknowledge ─────────┘
 */

export type PageInput =
  /** The group's alerts, at a flush or when the page is due. */
  | {
      readonly kind: 'look';
      readonly look: GroupLook;
      /** Epoch ms for which a timer waited in full: it has come, though the clock may have been put back since. */
      readonly timedFor?: number | undefined;
    }
  /** None of those who were told last could be reached. */
  | { readonly kind: 'unreached'; readonly telling: number; readonly look: GroupLook }
  | { readonly kind: 'acknowledge'; readonly by: string; readonly via: string; readonly note: string }
  | { readonly kind: 'unacknowledge'; readonly by: string; readonly via: string }
  /** Somebody wants the next level told at once. */
  | { readonly kind: 'escalate'; readonly by: string; readonly via: string; readonly look: GroupLook }
  /** Nobody can say how it goes on, since the configuration is another. */
  | { readonly kind: 'abandon'; readonly reason: string; readonly alerts: readonly FlushedAlert[] };

/** Clicks within it are one. */
const CLICKS_MS = 60_000;
/** News of an end have a day: nothing tells them again, and an incident that was opened elsewhere would stay open. */
const END_TIMEOUT_MS = 86_400_000;

/** What identifies a page and where it comes from. */
export type PageOrigin = Pick<Page, 'id' | 'receiver' | 'group' | 'route' | 'groupLabels'>;

/** A page for alerts that fire; it must be written before it is looked at further. Null, with the reason, when there is to be none. */
export function openPage(
  origin: PageOrigin,
  { free }: GroupLook,
  { now, policy }: Pick<PageWorld, 'now' | 'policy'>,
): { readonly page: Page | null; readonly decisions: readonly PageDecision[] } {
  const [first] = free;
  if (first === undefined) return { page: null, decisions: [] };
  const rule = ruleOf(policy, free);
  if (rule === undefined) {
    const reason = `no rule of policy "${policy.name}" matches: nobody is paged`;
    return { page: null, decisions: [decision('held', reason, firingOf(free))] };
  }
  const text =
    rule.delayMs > 0
      ? `policy "${policy.name}" (${rule.name}): told in ${formatDuration(rule.delayMs)} unless it ends before`
      : `policy "${policy.name}" (${rule.name})`;
  const page: Page = {
    ...origin,
    policy: policy.name,
    rule: rule.name,
    openedAt: now,
    phase: { kind: 'escalating', next: now + rule.delayMs, position: START },
    tellings: 0,
    reach: { since: now, isReached: false, vain: 0 },
    told: [],
    fingerprints: [],
    firing: 0,
    labels: first.labels,
    annotations: first.annotations,
    events: [{ at: now, what: 'opened', by: '', text }],
  };
  const decisions = rule.delayMs > 0 ? [decision('held', text, firingOf(free))] : [];
  return { page: withAlerts(page, free), decisions };
}

/** What an input makes of a page. */
export function advancePage(before: Page, input: PageInput, world: PageWorld): PageStep {
  if (before.phase.kind === 'ended') return quiet(before);
  const page = withReach(before, world);
  switch (input.kind) {
    case 'look':
      return looked(page, input.look, world, input.timedFor);
    case 'unreached':
      return unreached(page, input, world);
    case 'acknowledge':
      return acknowledged(page, input, world);
    case 'unacknowledge':
      return unacknowledged(page, input, world);
    case 'escalate':
      return escalated(page, input, world);
    case 'abandon':
      return ended(page, input.alerts, world, input.reason);
  }
}

/** Once it came to somebody that stands in the page: the notification log forgets. */
function withReach(page: Page, world: PageWorld): Page {
  return page.reach.isReached || page.told.length === 0 || !world.isReached(page)
    ? page
    : { ...page, reach: { ...page.reach, isReached: true } };
}

function looked(before: Page, look: GroupLook, world: PageWorld, timedFor?: number): PageStep {
  const firing = look.alerts.filter(({ isResolved }) => !isResolved);
  if (firing.length === 0) return ended(before, look.alerts, world, 'all alerts ended');
  const page = withAlerts(before, firing);
  const urgent = moreUrgent(page, look, world);
  if (urgent !== undefined) return takenOver(page, urgent, look, world);
  return going(page, look, world, timedFor);
}

/** What its phase makes of alerts that still fire. */
function going(page: Page, look: GroupLook, world: PageWorld, timedFor?: number): PageStep {
  const { phase } = page;
  switch (phase.kind) {
    case 'escalating':
      return hasCome(page, phase.next, world, timedFor) ? due(page, look, world) : quiet(page);
    case 'acknowledged':
      if (phase.until === null || !hasCome(page, phase.until, world, timedFor))
        return held(page, look, `page ${page.id} was acknowledged by ${phase.by}`);
      return resumed(
        page,
        { by: '', text: `the acknowledgement of ${phase.by} is over`, what: 'unacknowledged' },
        look,
        world,
      );
    case 'exhausted':
      return held(page, look, 'everybody was told, and nobody acknowledged');
    case 'ended':
      return quiet(page);
  }
}

function moreUrgent(page: Page, { free }: GroupLook, { policy }: PageWorld): PolicyRule | undefined {
  const { rules } = policy;
  const current = rules.findIndex(({ name }) => name === page.rule);
  const found = ruleOf(policy, free);
  return found !== undefined && current >= 0 && rules.indexOf(found) < current ? found : undefined;
}

/** More urgent alerts begin anew, even where the others were acknowledged. */
function takenOver(before: Page, rule: PolicyRule, look: GroupLook, world: PageWorld): PageStep {
  const text = `alerts joined that are ${rule.name}, not ${before.rule}`;
  const page = withEvent(
    {
      ...before,
      rule: rule.name,
      phase: { kind: 'escalating', next: world.now + rule.delayMs, position: START },
      reach: { since: world.now, isReached: false, vain: 0 },
    },
    { at: world.now, what: 'urgent', by: '', text },
  );
  return going(page, look, world);
}

function unreached(
  page: Page,
  { telling, look }: Extract<PageInput, { kind: 'unreached' }>,
  world: PageWorld,
): PageStep {
  const { phase } = page;
  // What was told since, or answered, is news of its own.
  if (phase.kind !== 'escalating' || telling !== page.tellings || phase.next <= world.now) return quiet(page);
  const { policy, now } = world;
  const rule = policy.rules.find(({ name }) => name === page.rule);
  const { position: at } = phase;
  // Nothing was told since it began, or began anew: this is news of before.
  if (at !== null && at.round + at.level + at.time === 0) return quiet(page);
  // The same people again at once would be no use, nor would all of them.
  const other = at !== null && at.time > 0 && rule !== undefined ? nextLevel(at, rule, policy) : at;
  if (other === null || other.level === 0) return stuck(page, look, now);
  const text = 'nobody of the last level could be reached: the next one is told at once';
  const next = withEvent(
    { ...page, phase: { ...phase, next: now, position: other } },
    { at: now, what: 'held', by: '', text },
  );
  const step = looked(next, look, world);
  return { ...step, decisions: [decision('held', text, firingOf(look.alerts)), ...step.decisions] };
}

/** Nobody of the last level could be reached, and there is no other one: it goes on in its time, or sooner where nobody knows of it at all. */
function stuck(page: Page, look: GroupLook, now: number): PageStep {
  if (page.phase.kind !== 'escalating') return quiet(page);
  const text = 'nobody of the last level could be reached, and there is no other one';
  const next = page.reach.isReached ? page.phase.next : Math.min(page.phase.next, now + MOST_PAUSE_MS);
  return held(
    withEvent({ ...page, phase: { ...page.phase, next } }, { at: now, what: 'held', by: '', text }),
    look,
    text,
  );
}

function acknowledged(
  page: Page,
  { by, via, note }: Extract<PageInput, { kind: 'acknowledge' }>,
  { now, policy }: PageWorld,
): PageStep {
  const { phase } = page;
  // A second click says nothing new; one that comes later says that it goes on.
  const isAgain = phase.kind === 'acknowledged' && phase.by === by && note === '';
  if (isAgain && (phase.until === null || Math.abs(now - phase.at) < CLICKS_MS)) return quiet(page);
  const position = phase.kind === 'escalating' || phase.kind === 'acknowledged' ? phase.position : null;
  const until = policy.acknowledgedForMs === null ? null : now + policy.acknowledgedForMs;
  const text = `acknowledged${isAgain ? ' again' : ''} by ${by} ${via}${note === '' ? '' : `: ${note}`}`;
  return {
    page: withEvent(
      { ...page, phase: { kind: 'acknowledged', by, at: now, until, position: position ?? START } },
      { at: now, what: 'acknowledged', by, text },
    ),
    decisions: [decision('acknowledged', text, page.fingerprints)],
    telling: null,
  };
}

function unacknowledged(
  page: Page,
  { by, via }: Extract<PageInput, { kind: 'unacknowledge' }>,
  { now }: PageWorld,
): PageStep {
  const { phase } = page;
  if (phase.kind !== 'acknowledged') return quiet(page);
  const text = `${by} took the acknowledgement back ${via}`;
  return {
    page: withEvent(
      // Due at once: whoever is asked next looks at the alerts as they are then.
      { ...page, phase: { kind: 'escalating', next: now, position: phase.position } },
      { at: now, what: 'unacknowledged', by, text },
    ),
    decisions: [decision('unacknowledged', text, page.fingerprints)],
    telling: null,
  };
}

/** Back to telling, from where it stood. */
function resumed(before: Page, event: Omit<PageEvent, 'at'>, look: GroupLook, world: PageWorld): PageStep {
  if (before.phase.kind !== 'acknowledged') return quiet(before);
  const { position } = before.phase;
  const page = withEvent(
    { ...before, phase: { kind: 'escalating', next: world.now, position } },
    { ...event, at: world.now },
  );
  const step = due(page, look, world);
  return {
    ...step,
    decisions: [decision('unacknowledged', event.text, firingOf(look.alerts)), ...step.decisions],
  };
}

/** The next level now, also of a page that was acknowledged or told to all. */
function escalated(
  before: Page,
  { by, via, look }: Extract<PageInput, { kind: 'escalate' }>,
  world: PageWorld,
): PageStep {
  const { policy, now } = world;
  const rule = policy.rules.find(({ name }) => name === before.rule) ?? ruleOf(policy, look.free);
  if (rule === undefined || look.free.length === 0) return quiet(before);
  const { phase } = before;
  const at = phase.kind === 'escalating' || phase.kind === 'acknowledged' ? phase.position : null;
  // Of a level that was told at least once, the next one; of one that was not, itself.
  const next = at === null ? START : at.time > 0 ? (nextLevel(at, rule, policy) ?? START) : at;
  const text = `${by} asked for the next level ${via}`;
  const page = withEvent(before, { at: now, what: 'escalated', by, text });
  const step = tellFrom(page, { rule, from: next, since: now }, look, world);
  return { ...step, decisions: [decision('escalated', text, firingOf(look.alerts)), ...step.decisions] };
}

function ended(page: Page, alerts: readonly FlushedAlert[], { now }: PageWorld, why: string): PageStep {
  const isTold = page.told.length > 0;
  const text = isTold ? why : `${why} before anybody was told`;
  const fingerprints = alerts.length > 0 ? alerts.map((one) => one.fingerprint) : page.fingerprints;
  return {
    page: withEvent({ ...page, phase: { kind: 'ended', at: now } }, { at: now, what: 'ended', by: '', text }),
    decisions: [decision('ended', text, fingerprints)],
    telling:
      isTold && alerts.length > 0
        ? { recipients: page.told, alerts, isEnd: true, timeoutMs: END_TIMEOUT_MS, since: page.openedAt }
        : null,
  };
}
