import type { DroppedTarget, Status, Target } from '../../api/contracts.ts';

export const STATES = ['down', 'unknown', 'up', 'dropped'] as const;
export type State = (typeof STATES)[number];

export const STATUS: Readonly<Record<Target['health'], Status>> = {
  up: 'healthy',
  down: 'unhealthy',
  unknown: 'unknown',
};
const ORDER: Readonly<Record<State, number>> = { down: 0, unknown: 1, up: 2, dropped: 3 };

/** One line of the page: a target that is scraped, or one that relabelling left out. */
export interface TargetRow {
  readonly key: string;
  readonly pool: string;
  readonly state: State;
  readonly job: string;
  readonly instance: string;
  /** Null for a dropped one. */
  readonly target: Target | null;
  readonly discovered: Readonly<Record<string, string>>;
  /** Everything it is found by, in small letters. */
  readonly text: string;
}

function words(record: Readonly<Record<string, string>>): string {
  return Object.entries(record)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** Down first, then by pool and address; dropped ones at the end. */
export function targetRows(active: readonly Target[], dropped: readonly DroppedTarget[]): TargetRow[] {
  const rows = active.map((target, index): TargetRow => {
    const { labels, scrapePool: pool, scrapeUrl, lastError, limits, discoveredLabels: discovered } = target;
    const hits = limits.map(({ limit }) => limit).join(' ');
    return {
      key: `${pool} ${scrapeUrl} ${index}`,
      pool,
      state: target.health,
      job: labels['job'] ?? pool,
      instance: labels['instance'] ?? scrapeUrl,
      target,
      discovered,
      text: `${pool} ${scrapeUrl} ${lastError} ${hits} ${words(labels)}`.toLowerCase(),
    };
  });
  const left = dropped.map(
    ({ scrapePool: pool, discoveredLabels: discovered }, index): TargetRow => ({
      key: `dropped ${pool} ${index}`,
      pool,
      state: 'dropped',
      job: discovered['job'] ?? pool,
      instance: discovered['__address__'] ?? '',
      target: null,
      discovered,
      text: `${pool} ${words(discovered)}`.toLowerCase(),
    }),
  );
  return [...rows, ...left].sort(
    (a, b) =>
      ORDER[a.state] - ORDER[b.state] ||
      a.pool.localeCompare(b.pool, 'en') ||
      a.instance.localeCompare(b.instance, 'en'),
  );
}

export interface TargetsSearch {
  readonly q?: string | undefined;
  readonly pool?: string | undefined;
  readonly state?: State | undefined;
}

/** Every word must be found somewhere: address, pool, error or a label such as `zone=eu`. Dropped ones show only when asked for. */
export function filterTargets(
  rows: readonly TargetRow[],
  { q = '', pool, state }: TargetsSearch,
): TargetRow[] {
  const needles = q
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return rows.filter(
    (row) =>
      (state === undefined ? row.state !== 'dropped' : row.state === state) &&
      (pool === undefined || row.pool === pool) &&
      needles.every((needle) => row.text.includes(needle)),
  );
}

/** What is not valid is dropped, so that a bad link still opens. */
export function validateTargetsSearch(search: Readonly<Record<string, unknown>>): TargetsSearch {
  const { q, pool } = search;
  const state = STATES.find((known) => known === search['state']);
  return {
    ...(typeof q === 'string' && q !== '' ? { q: q.slice(0, 200) } : {}),
    ...(typeof pool === 'string' && pool !== '' ? { pool: pool.slice(0, 200) } : {}),
    ...(state === undefined ? {} : { state }),
  };
}
