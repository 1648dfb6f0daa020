import type { Outcome } from '../../decisions/decision.ts';
import { matchesAll } from '../../matchers/matcher.ts';
import type { FlushedAlert } from '../../received/alert.ts';
import type { Policy, PolicyRule } from '../config/policy.ts';
import type { GroupLook, Page, Recipient } from './page.ts';

/** What a page asks; all of it answers from memory and at once. */
export interface PageWorld {
  readonly now: number;
  readonly policy: Policy;
  /** Who is on call by a schedule; null when nobody is. */
  onCall(schedule: string): string | null;
  contactsOf(person: string): readonly string[];
  /** Whether any of those a page told was reached since `reach.since`. */
  isReached(page: Page): boolean;
}

/** What is said of some alerts in the decision log. */
export interface PageDecision {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly fingerprints: readonly string[];
}

/** Tell these of those alerts. */
export interface Telling {
  readonly recipients: readonly Recipient[];
  readonly alerts: readonly FlushedAlert[];
  readonly isEnd: boolean;
  /** How long notifications of it may take, ms. */
  readonly timeoutMs: number;
  /** Epoch ms since when it was to be told: who was told since then knows it. */
  readonly since: number;
}

/** Decisions are made durable first, then notifications are handed over, then the page is written. */
export interface PageStep {
  readonly page: Page;
  readonly decisions: readonly PageDecision[];
  readonly telling: Telling | null;
}

/** The most urgent rule that any of the alerts matches; undefined when none does. */
export function ruleOf({ rules }: Policy, alerts: readonly FlushedAlert[]): PolicyRule | undefined {
  return rules.find(({ matchers }) => alerts.some(({ labels }) => matchesAll(matchers, labels)));
}

export function quiet(page: Page): PageStep {
  return { page, decisions: [], telling: null };
}

/** Says why nobody is told; the decision log keeps it once. */
export function held(page: Page, { alerts }: Pick<GroupLook, 'alerts'>, reason: string): PageStep {
  return { page, decisions: [decision('held', reason, firingOf(alerts))], telling: null };
}

export function firingOf(alerts: readonly FlushedAlert[]): readonly string[] {
  return alerts.filter(({ isResolved }) => !isResolved).map(({ fingerprint }) => fingerprint);
}

export function decision(outcome: Outcome, reason: string, fingerprints: readonly string[]): PageDecision {
  return { outcome, reason, fingerprints };
}
