/**
 * Why a query failed. The kinds are those of Prometheus' HTTP API: `bad_data` (400), `execution` (422),
 * `timeout` (503), `canceled` (499). The position is the offset in the query text, when one is known.
 */
export type QueryErrorKind = 'bad_data' | 'execution' | 'timeout' | 'canceled';

/** The only error that leaves this package for a query text, however malformed. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly kind: QueryErrorKind;
  /** Offset of the culprit in the query text, in UTF-16 units. */
  readonly position: number | undefined;

  constructor(kind: QueryErrorKind, message: string, options?: { position?: number; cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.position = options?.position;
  }
}

/** An evaluation error with Prometheus' text. */
export function executionError(message: string): QueryError {
  return new QueryError('execution', message);
}
