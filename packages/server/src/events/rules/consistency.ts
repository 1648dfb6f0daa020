import { fieldOf, type JsonObject, numberOf, shownValue } from '../event.ts';
import type { Finding } from '../verdict.ts';
import type { Rule } from './types.ts';
import { isError, isErrorBody, saysFailure, saysSuccess } from './words.ts';

/** `status_code` says one thing, and `output`, `status` or `error` the opposite. */
export const consistencyRule: Rule = {
  name: 'consistency',
  about: 'A status_code of success with an error, or one of a server error with a success.',
  check({ data }, _baseline, findings) {
    const code = numberOf(fieldOf(data, 'status_code'));
    if (code === undefined) return;
    const field = code >= 200 && code < 300 ? failureIn(data) : code >= 500 ? successIn(data) : undefined;
    if (field === undefined) return;
    const says = code < 300 ? 'an error' : 'success';
    findings.push(findingOf(data, code, field, says));
  },
};

function findingOf(data: JsonObject, code: number, field: string, says: string): Finding {
  return {
    rule: 'consistency',
    weight: 'violation',
    decision: 'REPROCESS',
    field,
    value: shownValue(fieldOf(data, field)),
    limit: `what status_code ${code} says`,
    message: `status_code is ${code} and ${field} says ${says}`,
    suggestion: 'Trust neither side: process the data again, and make the sender say the same everywhere.',
  };
}

function failureIn(data: JsonObject): string | undefined {
  if (isError(fieldOf(data, 'error'))) return 'error';
  if (saysFailure(fieldOf(data, 'status'))) return 'status';
  return isErrorBody(fieldOf(data, 'output')) ? 'output' : undefined;
}

function successIn(data: JsonObject): string | undefined {
  if (saysSuccess(fieldOf(data, 'status'))) return 'status';
  return fieldOf(data, 'success') === true ? 'success' : undefined;
}
