import { parseGoFloat } from '@pharos/gotemplate';
import type { ComparisonOperator, LabelFilter } from '../parse/ast.ts';
import type { Entry } from '../pipeline/entry.ts';
import { ERROR_DETAILS_LABEL, ERROR_LABEL } from '../pipeline/entry.ts';
import { parseByteSize } from '../text/byte-size.ts';
import { parseGoDuration } from '../text/go-duration.ts';
import { compileIp } from '../text/ip.ts';
import type { CompiledStage, StageCompiler } from './types.ts';
import { LABEL_FILTER_ERROR } from './types.ts';

/** `level="error" and took > 1s`: keeps entries by their labels. */
export const label_filter: StageCompiler<'label_filter'> = ({ filter }) => compileLabelFilter(filter);

export function compileLabelFilter(filter: LabelFilter): CompiledStage {
  switch (filter.kind) {
    case 'and': {
      const [left, right] = [compileLabelFilter(filter.left), compileLabelFilter(filter.right)];
      // Both sides always run: each may tell an error.
      return (entry) => {
        const kept = left(entry);
        return right(entry) && kept;
      };
    }
    case 'or': {
      const [left, right] = [compileLabelFilter(filter.left), compileLabelFilter(filter.right)];
      return (entry) => left(entry) || right(entry);
    }
    case 'string': {
      const { matcher } = filter;
      return (entry) => matcher.matches(textOf(entry, matcher.name));
    }
    case 'ip': {
      const holds = compileIp(filter.pattern);
      const wanted = filter.op === '=';
      // An entry that already failed passes: only filters on text can drop it.
      return (entry) => {
        if (entry.error !== '') return true;
        const value = entry.get(filter.name);
        return value !== undefined && holds(value) === wanted;
      };
    }
    case 'number':
    case 'duration':
    case 'bytes':
      return compileQuantity(filter);
  }
}

/** What a filter on text sees: the errors too, and nothing as the empty text. */
export function textOf(entry: Entry, name: string): string {
  if (name === ERROR_LABEL) return entry.error;
  if (name === ERROR_DETAILS_LABEL) return entry.errorDetails;
  return entry.get(name) ?? '';
}

const READERS = { number: parseGoFloat, duration: parseGoDuration, bytes: parseByteSize } as const;

function compileQuantity({
  kind,
  name,
  op,
  value: wanted,
}: Extract<LabelFilter, { readonly kind: 'number' | 'duration' | 'bytes' }>): CompiledStage {
  const read = READERS[kind];
  const compare = COMPARE[op];
  return (entry) => {
    const text = entry.get(name);
    if (text === undefined) return false;
    const result = read(text);
    if (result.ok) return compare(result.value, wanted);
    entry.fail(LABEL_FILTER_ERROR, result.reason);
    return true;
  };
}

const COMPARE: Readonly<Record<ComparisonOperator, (left: number, right: number) => boolean>> = {
  '=': (left, right) => left === right,
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
};
