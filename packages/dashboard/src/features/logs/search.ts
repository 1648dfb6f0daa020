/** The logs page's own search parameters. */
export interface LogsSearch {
  /** LogQL; without it all lines. */
  readonly q?: string | undefined;
  /** Long lines are broken. */
  readonly wrap?: true | undefined;
}

const MAX_LENGTH = 10_000;

/** What is not valid is dropped, so that a bad link still opens. */
export function validateLogsSearch(search: Readonly<Record<string, unknown>>): LogsSearch {
  const { q, wrap } = search;
  return {
    ...(typeof q === 'string' && q.trim() !== '' && q.length <= MAX_LENGTH ? { q } : {}),
    ...(wrap === true ? { wrap } : {}),
  };
}
