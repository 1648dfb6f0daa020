import { fieldOf, type JsonValue } from '../event.ts';
import type { Rule } from './types.ts';

const OUTPUTS = ['output', 'result'] as const;
const EMPTY_WORDS: ReadonlySet<string> = new Set(['', 'null', 'none', 'undefined', 'nan', 'nil']);

/** An output that is there and is nothing: null, an empty text, or a word for nothing. */
export const nullOutputRule: Rule = {
  name: 'null_output',
  about: 'output or result is null, empty, or a word for nothing.',
  check({ data }, _baseline, findings) {
    for (const field of OUTPUTS) {
      const value = fieldOf(data, field);
      if (value === undefined || !isNothing(value)) continue;
      const shown = value === null ? 'null' : JSON.stringify(value);
      findings.push({
        rule: 'null_output',
        weight: 'violation',
        decision: 'REPROCESS',
        field,
        value: typeof value === 'string' ? value : null,
        limit: 'a value',
        message: `${field} is ${shown}, a value was expected`,
        suggestion: 'Process the data again, and check what produced an empty output.',
      });
    }
  },
};

function isNothing(value: JsonValue): boolean {
  return (
    value === null ||
    (typeof value === 'string' && value.length < 20 && EMPTY_WORDS.has(value.trim().toLowerCase()))
  );
}
