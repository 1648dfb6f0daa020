import type { LabelSet } from '../../labels/label-set.ts';
import type { FlushedAlert } from '../../received/alert.ts';
import { shortened } from '../../templates/shorten.ts';

/** Whom a page told: a receiver of Alertmanager's file, for a person where it is one of theirs. */
export interface Recipient {
  readonly receiver: string;
  /** Null for a receiver that a level names itself. */
  readonly person: string | null;
}

/** Whether what was handed over came to anybody. Who was told without it knows nothing. */
interface Reach {
  /** Epoch ms: when it was opened, or began anew since it became more urgent; what came to somebody before was about less. */
  readonly since: number;
  readonly isReached: boolean;
  /** How often all levels were told and nobody was reached. */
  readonly vain: number;
}

/** The next telling of an escalation, all from 0. */
export interface Position {
  /** How often all levels were told before. */
  readonly round: number;
  readonly level: number;
  /** How often the level was told before. */
  readonly time: number;
}

type PagePhase =
  /**
   * Somebody is told at `next` (epoch ms), unless it ends before; null position: all were told, and `next` is when nobody has answered, or
   * when all are told again since nobody was reached.
   */
  | { readonly kind: 'escalating'; readonly next: number; readonly position: Position | null }
  | {
      readonly kind: 'acknowledged';
      readonly by: string;
      readonly at: number;
      /** Epoch ms at which it holds no longer; null until the alerts end. */
      readonly until: number | null;
      /** Where the escalation stands, should it go on. */
      readonly position: Position;
    }
  /** All levels were told, somebody was reached, and nobody answered. */
  | { readonly kind: 'exhausted' }
  | { readonly kind: 'ended'; readonly at: number };

export const PAGE_EVENTS = [
  'opened',
  'told',
  /** Nobody was told, and why. */
  'held',
  'acknowledged',
  'unacknowledged',
  /** Somebody asked for the next level. */
  'escalated',
  /** More urgent alerts joined. */
  'urgent',
  /** The routes led its alerts to another group, or its receiver to another policy. */
  'moved',
  'exhausted',
  'ended',
] as const;

/** Something that happened to a page; its trail is what people read. */
export interface PageEvent {
  /** Epoch ms. */
  readonly at: number;
  readonly what: (typeof PAGE_EVENTS)[number];
  /** Who did it; empty for Pharos itself. */
  readonly by: string;
  readonly text: string;
}

/** One outage on its way through a policy: a group of alerts, from when it first fires to when all of it ended. */
export interface Page {
  readonly id: string;
  /** The receiver whose policy it follows, and the group of alerts there. */
  readonly receiver: string;
  readonly group: string;
  /** Id of the group's route, for the decision log. */
  readonly route: string;
  readonly groupLabels: LabelSet;
  /** The group that its notifications name, where it is another one: it came from there. */
  readonly notices?: string | undefined;
  readonly policy: string;
  /** Name of the policy's rule: how urgent it is. */
  readonly rule: string;
  readonly openedAt: number;
  readonly phase: PagePhase;
  /** How often somebody was told, whether or not it came to them. */
  readonly tellings: number;
  readonly reach: Reach;
  /** Each once, in the order in which they were told first: they are told of its end, too. */
  readonly told: readonly Recipient[];
  /** Alerts that fire, by fingerprint, at most {@link MOST_FINGERPRINTS}. */
  readonly fingerprints: readonly string[];
  readonly firing: number;
  /** The first alert's, to tell the page by. */
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  /** Oldest first, at most {@link MOST_EVENTS}: the first few, and the last ones. */
  readonly events: readonly PageEvent[];
}

const MOST_FINGERPRINTS = 2000;
/** Of labels and annotations of the first alert: a page must fit into the state, whatever alerts say. */
const MOST_TEXTS = 50;
const MOST_TEXT_CHARS = 1000;
const MOST_EVENTS = 200;
/** Of these the first stay: how long it took until somebody was told, and answered. */
const FIRST_EVENTS = 20;

/** The alerts of a group as they are at one instant. */
export interface GroupLook {
  /** All of them. */
  readonly alerts: readonly FlushedAlert[];
  /** Those that fire and of which may be told now: not silenced, not inhibited, the route not muted. */
  readonly free: readonly FlushedAlert[];
}

/** The group that notifications of a page belong to: each page is told of for itself, by one name to its end. */
export function noticeGroup({ group, id, notices }: Pick<Page, 'group' | 'id' | 'notices'>): string {
  return notices ?? `${group}#${id}`;
}

/** When a page must be looked at again (epoch ms); null when only somebody's act or its alerts change it. */
export function dueAt({ phase }: Page): number | null {
  switch (phase.kind) {
    case 'escalating':
      return phase.next;
    case 'acknowledged':
      return phase.until;
    case 'exhausted':
    case 'ended':
      return null;
  }
}

/** Its alerts as far as they are to be shown and remembered. */
export function withAlerts(page: Page, firing: readonly FlushedAlert[]): Page {
  const [first] = firing;
  if (first === undefined) return page;
  const fingerprints = firing.slice(0, MOST_FINGERPRINTS).map(({ fingerprint }) => fingerprint);
  if (page.firing === firing.length && page.fingerprints.join() === fingerprints.join()) return page;
  return {
    ...page,
    firing: firing.length,
    fingerprints,
    labels: short(first.labels),
    annotations: short(first.annotations),
  };
}

function short(texts: LabelSet): LabelSet {
  return new Map(
    [...texts].slice(0, MOST_TEXTS).map(([name, text]) => [name, shortened(text, MOST_TEXT_CHARS)]),
  );
}

export function withEvent(page: Page, event: PageEvent): Page {
  const { events } = page;
  const kept =
    events.length < MOST_EVENTS
      ? events
      : [...events.slice(0, FIRST_EVENTS), ...events.slice(FIRST_EVENTS + 1)];
  return { ...page, events: [...kept, event] };
}
