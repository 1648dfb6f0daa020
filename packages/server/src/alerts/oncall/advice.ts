import { formatDuration } from '@pharos/promql';
import type { Page } from './page/page.ts';

export const ADVICE = [
  'longer_for',
  'hold_down',
  'delete',
  'raise_limit',
  'reach_people',
  'answer_sooner',
  'remove_cause',
] as const;

/** What would make an alert worth its pages. */
export interface Advice {
  readonly what: (typeof ADVICE)[number];
  /** For people: what was seen, and what to change. */
  readonly text: string;
  /** Pages of those looked at that would not have told anybody; null where that is not what it is about. */
  readonly spares: number | null;
  /** The duration to write, ms; null where it is about none. */
  readonly durationMs: number | null;
}

const MINUTE_MS = 60_000;
/** What people write as `for`. */
const HOLDS_MS = [2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS);
/** Pages that follow an end so soon are the same trouble. */
const AGAIN_MS = 30 * MINUTE_MS;
/** Fewer say nothing of a habit. */
const FEW = 3;
const SOME = 5;
const OFTEN_A_DAY = 1;
const SLOW_ANSWER_MS = 15 * MINUTE_MS;
const DAY_MS = 86_400_000;

/** What to change about the alert that these pages are of, what helps most first; of pages that were opened within `spanMs`. */
export function adviceOn(pages: readonly Page[], spanMs: number): readonly Advice[] {
  const told = pages.filter(({ tellings }) => tellings > 0);
  if (told.length < FEW) return [];
  const found = [longerFor(told), holdDown(told), noUse(told, spanMs), unreached(told), ...acted(told)];
  return found.flatMap((one) => one ?? []).sort((a, b) => (b.spares ?? -1) - (a.spares ?? -1));
}

/** The shortest `for` that spares half of the pages: those that ended soon, with nobody's help. */
function longerFor(told: readonly Page[]): Advice | null {
  const alone = told.filter((page) => !wasAcknowledged(page)).flatMap((page) => lastedMs(page) ?? []);
  for (const hold of HOLDS_MS) {
    const spares = alone.filter((ms) => ms < hold).length;
    if (spares < FEW || spares * 2 < told.length) continue;
    const longer = formatDuration(hold);
    const text = `${spares} of ${told.length} pages were over within ${longer} and nobody had acted: let it hold ${longer} longer (for) before it fires`;
    return { what: 'longer_for', text, spares, durationMs: hold };
  }
  return null;
}

/** Pages that came again soon after their end would be one page if the end waited. */
function holdDown(told: readonly Page[]): Advice | null {
  const ends = new Map<string, number>();
  let spares = 0;
  let longest = 0;
  for (const page of told.toSorted((a, b) => a.openedAt - b.openedAt)) {
    const key = JSON.stringify([page.receiver, page.group]);
    const pause = page.openedAt - (ends.get(key) ?? Number.NEGATIVE_INFINITY);
    if (pause <= AGAIN_MS) {
      spares++;
      longest = Math.max(longest, pause);
    }
    if (page.phase.kind === 'ended') ends.set(key, page.phase.at);
  }
  if (spares < FEW || spares * 3 < told.length) return null;
  const hold = HOLDS_MS.find((ms) => ms >= longest) ?? AGAIN_MS;
  const text = `${spares} of ${told.length} pages came again within ${formatDuration(hold)} of their end: hold the end back (keep_firing_for: ${formatDuration(hold)}, or damping), and they are one`;
  return { what: 'hold_down', text, spares, durationMs: hold };
}

/** Nobody ever does anything about it. */
function noUse(told: readonly Page[], spanMs: number): Advice | null {
  const ended = told.filter(({ phase }) => phase.kind === 'ended');
  const unanswered = ended.filter((page) => !wasAcknowledged(page)).length;
  if (unanswered < SOME) return null;
  const base = { spares: unanswered, durationMs: null };
  if (!told.some(wasAcknowledged)) {
    const text = `nobody acknowledged any of its ${told.length} pages: let it page nobody (severity info), or delete it`;
    return { ...base, what: 'delete', text };
  }
  const aDay = (told.length * DAY_MS) / Math.max(DAY_MS, spanMs);
  if (aDay < OFTEN_A_DAY || unanswered * 2 < told.length) return null;
  const text = `${unanswered} of ${told.length} pages ended without anybody acting, ${aDay.toFixed(1)} pages a day: raise its limit to where somebody must act`;
  return { ...base, what: 'raise_limit', text };
}

function unreached(told: readonly Page[]): Advice | null {
  const exhausted = told.filter((page) => page.events.some(({ what }) => what === 'exhausted')).length;
  if (exhausted < FEW || !told.some(wasAcknowledged)) return null;
  const text = `${exhausted} of ${told.length} pages went through all levels unanswered: look at the contacts of those on call, or add a level`;
  return { what: 'reach_people', text, spares: null, durationMs: null };
}

/** People act on it: whether soon, and whether they must each time. */
function acted(told: readonly Page[]): readonly Advice[] {
  const answers = told.flatMap((page) => answerMs(page) ?? []).sort((a, b) => a - b);
  const found: Advice[] = [];
  const middle = answers[Math.floor(answers.length / 2)];
  if (answers.length >= FEW && middle !== undefined && middle >= SLOW_ANSWER_MS) {
    const text = `half of its answers took longer than ${formatDuration(Math.floor(middle / MINUTE_MS) * MINUTE_MS)}: tell the next level sooner (every), or lower its severity if it may wait`;
    found.push({ what: 'answer_sooner', text, spares: null, durationMs: null });
  }
  if (answers.length >= SOME && answers.length * 5 >= told.length * 4) {
    const text = `somebody acted on ${answers.length} of ${told.length} pages: its cause is worth removing, or its remedy worth a script`;
    found.push({ what: 'remove_cause', text, spares: null, durationMs: null });
  }
  return found;
}

function wasAcknowledged({ events }: Page): boolean {
  return events.some(({ what }) => what === 'acknowledged');
}

function lastedMs({ phase, openedAt }: Page): number | null {
  return phase.kind === 'ended' ? phase.at - openedAt : null;
}

function answerMs({ events }: Page): number | null {
  const asked = events.find(({ what }) => what === 'told')?.at;
  const answered = events.find(({ what }) => what === 'acknowledged')?.at;
  return asked === undefined || answered === undefined ? null : Math.max(0, answered - asked);
}
