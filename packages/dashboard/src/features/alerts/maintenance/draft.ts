import type { WindowDraft } from '../../../ui/forms/maintenance-form.tsx';
import { isoOf, missingTimes, weeklyInWords, weeklyOf } from '../../../ui/forms/opening-times.ts';
import type { KnownWindow, MaintenanceWindow } from './contracts.ts';

/** A window as the form holds it. */
export interface Draft extends WindowDraft {
  /** One matcher or more a line. */
  readonly matchers: string;
}

function matchersOf({ matchers }: Draft): readonly string[] {
  return matchers
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** What is still to be said before it can be made, for people. */
export function missingOf(draft: Draft): readonly string[] {
  return [
    ...(draft.title.trim() === '' ? ['a name'] : []),
    ...(matchersOf(draft).length === 0 ? ['which alerts'] : []),
    ...missingTimes(draft),
  ];
}

/** What the API is given; of a draft that lacks nothing. */
export function windowOf(draft: Draft): MaintenanceWindow {
  const head = { name: draft.title.trim(), matchers: [...matchersOf(draft)] };
  return draft.kind === 'once'
    ? { ...head, from: isoOf(draft.from), until: isoOf(draft.until) }
    : { ...head, ...weeklyOf(draft) };
}

/** `Mon, Tue at 02:00 for 2h, Europe/Berlin`; of one that opens once, nothing: its times say it. */
export function rhythmOf({ window }: KnownWindow): string {
  return 'from' in window ? 'once' : weeklyInWords(window);
}

/** Open now before to come before over; each by its next time. */
export function inOrder(windows: readonly KnownWindow[]): readonly KnownWindow[] {
  const rank = ({ open_until: open, opens_at: opens }: KnownWindow): number =>
    open !== null ? 0 : opens !== null ? 1 : 2;
  const time = ({ open_until: open, opens_at: opens }: KnownWindow): number => open ?? opens ?? 0;
  return windows.toSorted((a, b) => rank(a) - rank(b) || time(a) - time(b));
}
