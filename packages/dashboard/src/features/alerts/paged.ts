import type { Alert } from './contracts.ts';

type Paged = Pick<Alert, 'paged'>;

/** Who said of an alert's pages that they are seen; empty while one of them still waits for somebody, or there is none. */
export function acknowledgedBy({ paged }: Paged): string {
  if (paged.length === 0 || paged.some(({ state }) => state !== 'acknowledged')) return '';
  return [...new Set(paged.map((page) => page.acknowledged_by))].join(', ');
}

/** Pages of these alerts that wait for somebody, each once. */
export function waitingPages(alerts: readonly Paged[]): readonly string[] {
  const waiting = alerts.flatMap(({ paged }) => paged.filter(({ state }) => state !== 'acknowledged'));
  return [...new Set(waiting.map(({ id }) => id))];
}
