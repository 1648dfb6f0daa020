/** The logs page's own search parameters. */
export interface LogsSearch {
  /** LogQL; without it all lines. */
  readonly q?: string | undefined;
  /** Long lines are broken. */
  readonly wrap?: true | undefined;
  /** What is shown instead of the lines of the time range. */
  readonly logs?: LogsView | undefined;
  /** One line that the address points to: its time in nanoseconds, and a hash of what it is. */
  readonly line?: string | undefined;
}

export type LogsView = 'live' | 'patterns';

const MAX_LENGTH = 10_000;
const LINE = /^\d{1,19}-[0-9a-f]{1,16}$/;

/** What is not valid is dropped, so that a bad link still opens. */
export function validateLogsSearch(search: Readonly<Record<string, unknown>>): LogsSearch {
  const { q, wrap, logs: view, line } = search;
  return {
    ...(typeof q === 'string' && q.trim() !== '' && q.length <= MAX_LENGTH ? { q } : {}),
    ...(wrap === true ? { wrap } : {}),
    ...(view === 'live' || view === 'patterns' ? { logs: view } : {}),
    ...(typeof line === 'string' && LINE.test(line) ? { line } : {}),
  };
}
