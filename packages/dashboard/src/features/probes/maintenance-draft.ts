import { ApiError } from '../../api/client.ts';
import type { MaintenanceWindow } from './contracts.ts';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** A window as its form has it; times of a single one are local. */
export interface Draft {
  readonly kind: 'once' | 'weekly';
  readonly title: string;
  readonly whom: string;
  readonly from: string;
  readonly to: string;
  readonly days: readonly string[];
  readonly at: string;
  readonly duration: string;
  readonly time_zone: string;
}
export const EMPTY: Draft = {
  kind: 'once',
  title: '',
  whom: '',
  from: '',
  to: '',
  days: DAYS,
  at: '02:00',
  duration: '1h',
  time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
};

/** The time as a local date-and-time field takes it. */
function localOf(text: string): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function draftOf(window: MaintenanceWindow): Draft {
  const whom = [...window.probes, ...window.tags.map((tag) => `#${tag}`)].join(', ');
  return 'from' in window
    ? { ...EMPTY, title: window.title, whom, from: localOf(window.from), to: localOf(window.to) }
    : { ...EMPTY, ...window, kind: 'weekly', whom };
}

/** As the API takes it; `#word` is a tag, any other word a probe's name. */
export function windowOf({ kind, title, whom, from, to, ...weekly }: Draft): object {
  const words = whom
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const named = {
    title,
    probes: words.filter((word) => !word.startsWith('#')),
    tags: words.filter((word) => word.startsWith('#')).map((word) => word.slice(1)),
  };
  const instant = (text: string): string => (text === '' ? '' : new Date(text).toISOString());
  return kind === 'once' ? { ...named, from: instant(from), to: instant(to) } : { ...named, ...weekly };
}

/** The server's words by field; those of no field under an empty name. */
export function problemsOf(error: Error | null): ReadonlyMap<string, string> {
  if (error === null) return new Map();
  const told = error instanceof ApiError ? error.problems : [];
  if (told.length === 0) return new Map([['', error.message]]);
  return new Map(
    told.map(({ field, problem }) => [field.replace(/^body\.?/, '').split('.')[0] ?? '', problem] as const),
  );
}
