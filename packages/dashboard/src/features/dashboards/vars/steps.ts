import { type Chosen, fillText, type Values } from './interpolate.ts';

const GRID = [
  1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800,
];
/** How often most targets are scraped; `$__rate_interval` spans at least four of these. */
const SCRAPE_SECONDS = 15;
const UNIT_SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** Seconds of `15s`, `1m30s`, `500ms`; null when it is none. */
export function seconds(text: string): number | null {
  const compact = text.trim().replace(/^>/, '');
  if (!/^(\d+(\.\d+)?(ms|[smhdwy]))+$/.test(compact)) return null;
  let total = 0;
  for (const [, count, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])/g))
    total += Number(count) * (UNIT_SECONDS[unit ?? ''] ?? 0);
  return total > 0 ? total : null;
}

/** Seconds as PromQL writes them. */
export function written(value: number): string {
  return value >= 1 ? `${Math.round(value)}s` : `${Math.max(1, Math.round(value * 1000))}ms`;
}

/** A step on a human grid that gives at most so many points. */
export function stepFor(span: number, points: number, least: number): number {
  const wanted = Math.max(span / Math.max(1, points), least);
  return GRID.find((step) => step >= wanted) ?? Math.ceil(wanted / 86_400) * 86_400;
}

const word = (text: string): Chosen => ({ values: [text], text, multi: false });

/** The variables every query knows: the step, the range, their like in ms, the instants (epoch ms). */
export function builtIns(step: number, from: number, to: number): [string, Chosen][] {
  const range = Math.max(1, Math.round((to - from) / 1000));
  const rate = Math.max(step + SCRAPE_SECONDS, 4 * SCRAPE_SECONDS);
  return [
    ['__interval', word(written(step))],
    ['__interval_ms', word(String(Math.round(step * 1000)))],
    ['__rate_interval', word(written(rate))],
    ['__rate_interval_ms', word(String(rate * 1000))],
    ['__range', word(`${range}s`)],
    ['__range_s', word(String(range))],
    ['__range_ms', word(String(range * 1000))],
    ['__from', word(String(Math.round(from)))],
    ['__to', word(String(Math.round(to)))],
    ['interval_ms', word(String(Math.round(step * 1000)))],
  ];
}

/** The smallest step that a panel or query asks for, seconds; 0 without one. */
export function leastStep(asked: readonly string[], values: Values): number {
  return Math.max(0, ...asked.map((text) => (text === '' ? 0 : (seconds(fillText(text, values)) ?? 0))));
}
