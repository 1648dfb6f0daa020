import { inputOf } from '../../time/date-time.ts';
import type { WindowDraft } from '../../ui/forms/maintenance-form.tsx';
import { DAYS, freshTimes, isoOf, missingTimes, weeklyOf } from '../../ui/forms/opening-times.ts';
import type { MaintenanceWindow } from './contracts.ts';

/** A window as its form has it. */
export interface Draft extends WindowDraft {
  /** Names of probes, and tags as `#nightly`, parted by commas. */
  readonly whom: string;
}

export function freshDraft(now: number): Draft {
  return { ...freshTimes(now), title: '', whom: '' };
}

export function draftOf(window: MaintenanceWindow, now: number): Draft {
  const whom = [...window.probes, ...window.tags.map((tag) => `#${tag}`)].join(', ');
  const draft = { ...freshDraft(now), title: window.title, whom };
  if ('from' in window)
    return { ...draft, from: inputOf(Date.parse(window.from)), until: inputOf(Date.parse(window.to)) };
  const { at, duration, time_zone: timeZone } = window;
  return {
    ...draft,
    kind: 'weekly',
    days: DAYS.filter((day) => window.days.includes(day)),
    at,
    duration,
    timeZone,
  };
}

/** What is still to be said before it can be saved, for people. */
export function missingOf(draft: Draft): readonly string[] {
  return [...(draft.title.trim() === '' ? ['a title'] : []), ...missingTimes(draft)];
}

/** As the API takes it; `#word` is a tag, any other word a probe's name. */
export function windowOf(draft: Draft): object {
  const words = draft.whom
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const named = {
    title: draft.title.trim(),
    probes: words.filter((word) => !word.startsWith('#')),
    tags: words.filter((word) => word.startsWith('#')).map((word) => word.slice(1)),
  };
  return draft.kind === 'once'
    ? { ...named, from: isoOf(draft.from), to: isoOf(draft.until) }
    : { ...named, ...weeklyOf(draft) };
}
