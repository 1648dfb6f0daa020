import { fieldOf, type JsonObject, numberOf } from '../event.ts';
import type { Rule } from './types.ts';
import { saysSuccess } from './words.ts';

interface Silence {
  readonly field: string;
  readonly message: string;
}

/** Something says it went well and has nothing to show for it. */
export const silentFailureRule: Rule = {
  name: 'silent_failure',
  about: 'A success with a null result, processed without output, or completed with no items.',
  check({ data }, _baseline, findings) {
    const silence = nullResult(data) ?? noOutput(data) ?? noItems(data);
    if (silence === undefined) return;
    findings.push({
      rule: 'silent_failure',
      weight: 'violation',
      decision: 'RETRY',
      field: silence.field,
      value: silence.field === 'items_processed' ? 0 : null,
      limit: 'something to show for a success',
      message: silence.message,
      suggestion: 'Try the operation again, and make it fail loudly when it produces nothing.',
    });
  },
};

function nullResult(data: JsonObject): Silence | undefined {
  if (!saysSuccess(fieldOf(data, 'status')) && fieldOf(data, 'success') !== true) return undefined;
  const field = ['result', 'output'].find((name) => fieldOf(data, name) === null);
  return field === undefined ? undefined : { field, message: `a success whose ${field} is null` };
}

function noOutput(data: JsonObject): Silence | undefined {
  if (fieldOf(data, 'processed') !== true || (fieldOf(data, 'output') ?? null) !== null) return undefined;
  return { field: 'output', message: 'processed is true and there is no output' };
}

function noItems(data: JsonObject): Silence | undefined {
  if (fieldOf(data, 'completed') !== true || numberOf(fieldOf(data, 'items_processed')) !== 0)
    return undefined;
  return { field: 'items_processed', message: 'completed is true and items_processed is 0' };
}
