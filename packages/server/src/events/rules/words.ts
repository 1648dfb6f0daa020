import { fieldOf, isObject, type JsonObject, type JsonValue } from '../event.ts';

const SUCCESS: ReadonlySet<string> = new Set([
  'success',
  'successful',
  'succeeded',
  'ok',
  'completed',
  'complete',
  'done',
  'passed',
]);
const FAILURE: ReadonlySet<string> = new Set([
  'error',
  'errored',
  'failed',
  'failure',
  'fail',
  'exception',
  'crashed',
  'aborted',
]);

function isWordOf(words: ReadonlySet<string>, value: JsonValue | undefined): boolean {
  return typeof value === 'string' && value.length <= 20 && words.has(value.trim().toLowerCase());
}

/** Whether a `status` says that all went well. */
export function saysSuccess(value: JsonValue | undefined): boolean {
  return isWordOf(SUCCESS, value);
}

/** Whether a `status` says that it did not. */
export function saysFailure(value: JsonValue | undefined): boolean {
  return isWordOf(FAILURE, value);
}

/** Whether an `error` field holds one: nothing, false, zero and what is empty are none. */
export function isError(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === false || value === 0) return false;
  if (typeof value === 'string') return !['', 'none', 'null', 'false'].includes(value.trim().toLowerCase());
  if (Array.isArray(value)) return value.length > 0;
  return !isObject(value) || Object.keys(value).length > 0;
}

const ERROR_TEXT = /^\s*(?:error|exception|traceback|fatal|internal server error)\b/i;
const MOST_LOOKED_AT = 200;

/** Whether an output is an error's body, such as `{"error": "…"}`, `{"status": "failed"}` or `Error: …`. */
export function isErrorBody(output: JsonValue | undefined): boolean {
  if (typeof output === 'string') return ERROR_TEXT.test(output.slice(0, MOST_LOOKED_AT));
  return isObject(output) && hasError(output);
}

function hasError(output: JsonObject): boolean {
  return (
    isError(fieldOf(output, 'error')) ||
    isError(fieldOf(output, 'errors')) ||
    isError(fieldOf(output, 'exception')) ||
    saysFailure(fieldOf(output, 'status'))
  );
}
