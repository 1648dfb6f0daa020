import { contains } from '../../intervals/interval.ts';
import { wallTimeIn } from '../../intervals/wall-clock.ts';
import type { Level, Policy, PolicyRule, Target } from '../config/policy.ts';
import { type GroupLook, type Page, type Position, type Recipient, withEvent } from './page.ts';
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

/** Looks again when nobody may be told yet. */
const LOOK_AGAIN_MS = 30_000;
const MINUTE_MS = 60_000;
/** Notifications have at least this long, also where the next telling follows soon. */
const LEAST_TIMEOUT_MS = 10_000;
/** Between two times that all levels are told, while nobody is reached: twice as long each time. A receiver that refuses is not flooded. */
const FIRST_PAUSE_MS = 30_000;
/** As long as that, who can be reached again waits at most. */
export const MOST_PAUSE_MS = 300_000;
export const START: Position = { round: 0, level: 0, time: 0 };

/** Somebody is to be told now, if they may. */
export function due(page: Page, look: GroupLook, world: PageWorld): PageStep {
  const { policy, now } = world;
  const wait = (next: number, reason: string): PageStep => later(page, look, { now, next, reason });
  if (look.free.length === 0)
    return wait(now + LOOK_AGAIN_MS, 'all of its alerts are silenced, inhibited, muted or folded');
  const rule = policy.rules.find(({ name }) => name === page.rule) ?? ruleOf(policy, look.free);
  if (rule === undefined) return wait(now + LOOK_AGAIN_MS, `no rule of policy "${policy.name}" matches`);
  if (!isWithin(rule, now)) return wait(nextMinute(now), `told in ${rule.during?.names.join(', ')} only`);
  const { phase } = page;
  if (phase.kind !== 'escalating') return quiet(page);
  // Where the clock was put back it is due before its time.
  const plan = { rule, from: phase.position, since: Math.min(phase.next, now) };
  return tellFrom({ ...page, rule: rule.name }, plan, look, world);
}

/**
 * Whether the time of a page's next step has come: by the clock, by a timer that waited for it in full, or since it is twice as far away as
 * any step, and so was set by a clock that was put back since. Back a little is for the timer: nobody is told before their time for that.
 */
export function hasCome(page: Page, next: number, world: PageWorld, timedFor: number | undefined): boolean {
  const { now, policy } = world;
  return next <= now || next === timedFor || next - now > 2 * longestWait(page, policy);
}

function longestWait({ phase, rule: name, reach }: Page, { rules }: Policy): number {
  if (phase.kind === 'acknowledged') return phase.until === null ? 0 : phase.until - phase.at;
  const rule = rules.find((one) => one.name === name);
  if (rule === undefined) return Number.POSITIVE_INFINITY;
  const least = reach.vain > 0 ? MOST_PAUSE_MS : MINUTE_MS;
  return Math.max(least, rule.delayMs, ...rule.levels.map(({ everyMs }) => everyMs));
}

function isWithin({ during }: PolicyRule, now: number): boolean {
  return during === null || during.intervals.some((one) => contains(one, wallTimeIn(one.zone ?? 'UTC', now)));
}

function nextMinute(now: number): number {
  return (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;
}

interface Wait {
  readonly now: number;
  readonly next: number;
  readonly reason: string;
}

/** Not now, and why. It stands in the trail once. */
function later(before: Page, { alerts }: GroupLook, { now, next, reason }: Wait): PageStep {
  if (before.phase.kind !== 'escalating') return quiet(before);
  const last = before.events.at(-1);
  const isKnown = last?.what === 'held' && last.text === reason;
  const page: Page = { ...before, phase: { ...before.phase, next } };
  return {
    page: isKnown ? page : withEvent(page, { at: now, what: 'held', by: '', text: reason }),
    decisions: [decision('held', reason, firingOf(alerts))],
    telling: null,
  };
}

interface TellPlan {
  readonly rule: PolicyRule;
  /** Null: all were told. */
  readonly from: Position | null;
  readonly since: number;
}

/** Tells the first level from a position on that has anybody to tell. */
export function tellFrom(
  before: Page,
  { rule, from, since }: TellPlan,
  look: GroupLook,
  world: PageWorld,
): PageStep {
  const { now, policy } = world;
  const fingerprints = firingOf(look.alerts);
  const decisions: PageDecision[] = [];
  const said = new Set<string>();
  let page = before;
  for (let at = from; at !== null; at = nextLevel(at, rule, policy)) {
    const level = rule.levels[at.level];
    if (level === undefined) break;
    const { recipients, missing } = recipientsOf(level, world);
    for (const reason of missing) {
      // Whom nobody was found for in one round, nobody is found for in the next.
      if (said.has(reason)) continue;
      said.add(reason);
      decisions.push(decision('held', reason, fingerprints));
      page = withHeld(page, now, reason);
    }
    if (recipients.length > 0)
      return told({ page, decisions, at, level, since, recipients, policy, rule, look, now });
  }
  if (!page.reach.isReached) {
    const step = inVain(page, { rule, from, since }, look, world);
    return { ...step, decisions: [...decisions, ...step.decisions] };
  }
  const reason = `all levels of policy "${policy.name}" were told, and nobody acknowledged`;
  return {
    page: withEvent(
      { ...page, phase: { kind: 'exhausted' } },
      { at: now, what: 'exhausted', by: '', text: reason },
    ),
    decisions: [...decisions, decision('held', reason, fingerprints)],
    telling: null,
  };
}

/** All levels were gone through, and nobody knows of it: they are gone through again, for as long as it fires. */
function inVain(
  page: Page,
  { rule, from }: TellPlan,
  { alerts }: Pick<GroupLook, 'alerts'>,
  world: PageWorld,
): PageStep {
  const { now, policy } = world;
  const { reach } = page;
  if (page.tellings === 0) {
    const text = `no level of policy "${policy.name}" has anybody to tell: it is told when one has`;
    const phase = { kind: 'escalating', next: now + LOOK_AGAIN_MS, position: from ?? START } as const;
    return held(withHeld({ ...page, phase }, now, text), { alerts }, text);
  }
  const text = 'nobody could be reached: all levels are told again';
  const pauseMs = Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** reach.vain);
  // Whoever was told last had that long.
  const waitedMs = from === null ? (rule.levels.at(-1)?.everyMs ?? 0) : 0;
  const next: Page = {
    ...page,
    phase: { kind: 'escalating', next: now + Math.max(0, pauseMs - waitedMs), position: START },
    reach: { ...reach, vain: reach.vain + 1 },
  };
  return held(withEvent(next, { at: now, what: 'held', by: '', text }), { alerts }, text);
}

/** Why nobody was told. Before anybody was, it stands in the trail once. */
function withHeld(page: Page, at: number, text: string): Page {
  const isKnown =
    page.tellings === 0 && page.events.some((event) => event.what === 'held' && event.text === text);
  return isKnown ? page : withEvent(page, { at, what: 'held', by: '', text });
}

interface Told {
  readonly page: Page;
  readonly decisions: readonly PageDecision[];
  readonly at: Position;
  readonly level: Level;
  readonly since: number;
  readonly recipients: readonly Recipient[];
  readonly policy: Policy;
  readonly rule: PolicyRule;
  readonly look: GroupLook;
  readonly now: number;
}

function told({ page, decisions, at, level, since, recipients, policy, rule, look, now }: Told): PageStep {
  const who = recipients.map(nameOf).join(', ');
  const again = at.time > 0 ? `, time ${at.time + 1} of ${level.times}` : '';
  const round = at.round > 0 ? `, round ${at.round + 1}` : '';
  const text = `level ${at.level + 1} of policy "${policy.name}" (${rule.name}${again}${round}): ${who}`;
  const known = new Set(page.told.map(keyOf));
  const next: Page = {
    ...page,
    phase: { kind: 'escalating', next: now + level.everyMs, position: nextTime(at, rule, policy) },
    tellings: page.tellings + 1,
    told: [...page.told, ...recipients.filter((one) => !known.has(keyOf(one)))],
  };
  return {
    page: withEvent(next, { at: now, what: 'told', by: '', text }),
    decisions: [...decisions, decision('escalated', text, firingOf(look.alerts))],
    telling: {
      recipients,
      alerts: look.free,
      isEnd: false,
      timeoutMs: Math.max(level.everyMs, LEAST_TIMEOUT_MS),
      since,
    },
  };
}

function nextTime(at: Position, rule: PolicyRule, policy: Policy): Position | null {
  const times = rule.levels[at.level]?.times ?? 1;
  return at.time + 1 < times ? { ...at, time: at.time + 1 } : nextLevel(at, rule, policy);
}

export function nextLevel({ round, level }: Position, rule: PolicyRule, { repeat }: Policy): Position | null {
  if (level + 1 < rule.levels.length) return { round, level: level + 1, time: 0 };
  return round < repeat ? { round: round + 1, level: 0, time: 0 } : null;
}

/** Each receiver once, and why some of a level have none. */
export function recipientsOf(
  { targets }: Level,
  world: PageWorld,
): { readonly recipients: readonly Recipient[]; readonly missing: readonly string[] } {
  const recipients = new Map<string, Recipient>();
  const missing: string[] = [];
  for (const target of targets) {
    const found = recipientsOfTarget(target, world);
    if (found.length === 0) missing.push(`nobody is on call in schedule "${target.name}"`);
    for (const one of found) if (!recipients.has(one.receiver)) recipients.set(one.receiver, one);
  }
  return { recipients: [...recipients.values()], missing };
}

function recipientsOfTarget({ kind, name }: Target, world: PageWorld): readonly Recipient[] {
  if (kind === 'receiver') return [{ receiver: name, person: null }];
  const person = kind === 'person' ? name : world.onCall(name);
  return person === null ? [] : world.contactsOf(person).map((receiver) => ({ receiver, person }));
}

function nameOf({ receiver, person }: Recipient): string {
  return person === null ? receiver : `${person} by ${receiver}`;
}

function keyOf({ receiver, person }: Recipient): string {
  return JSON.stringify([receiver, person]);
}
