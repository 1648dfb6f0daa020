import { QueryError } from '../errors.ts';
import { lineColumn } from '../text/position.ts';

/** A parse error in Prometheus' form: `line:column: parse error: text`. */
export function syntaxError(query: string, offset: number, message: string): QueryError {
  return new QueryError('bad_data', `${lineColumn(query, offset)}: parse error: ${message}`, {
    position: offset,
  });
}
