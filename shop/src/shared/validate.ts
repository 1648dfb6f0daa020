import { z } from 'zod';
import type { FieldProblem } from './errors.ts';
import { ShopError } from './errors.ts';

const SECRET_FIELD = /password|secret|token/i;
const SHOWN_CHARACTERS = 80;
const SHOWN_PROBLEMS = 20;

/** Parses outside data, or throws a 400 that names each field, the value that came and what was expected. */
export function parse<T>(schema: z.ZodType<T>, input: unknown, where = 'body'): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const details = result.error.issues
    .slice(0, SHOWN_PROBLEMS)
    .flatMap((issue) => problems(issue, input, where));
  const message = details.map((d) => `${d.field}: got ${shown(d.value)}, expected ${d.expected}`).join('; ');
  throw new ShopError('validation', message, { details });
}

function problems(issue: z.core.$ZodIssue, input: unknown, where: string): FieldProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      return { field: fieldName(path, where), value: valueAt(input, path), expected: 'no such field' };
    });
  }
  return [
    {
      field: fieldName(issue.path, where),
      value: valueAt(input, issue.path),
      expected: issue.message,
    },
  ];
}

function fieldName(path: readonly PropertyKey[], where: string): string {
  return path.length === 0 ? where : path.map(String).join('.');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = input;
  for (const key of path) {
    if (typeof key === 'string' && SECRET_FIELD.test(key)) return '***';
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null;
    value = Reflect.get(value, key);
  }
  return briefly(value);
}

/** Only scalars are echoed, and only their beginning: the answer must not grow with what was sent. */
function briefly(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value;
  }
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return value ?? null;
}

function shown(value: unknown): string {
  return value === null ? 'nothing' : JSON.stringify(value);
}

/** A whole number in a range, with one message for every way to miss it. */
export function whole(min: number, max: number): z.ZodNumber {
  const message = `a whole number from ${min} to ${max}`;
  return z.number(message).int(message).min(min, message).max(max, message);
}

/** A finite number in a range. */
export function number(min: number, max: number): z.ZodNumber {
  const message = `a number from ${min} to ${max}`;
  return z.number(message).min(min, message).max(max, message);
}

/** Text of bounded length. */
export function text(min: number, max: number): z.ZodString {
  const message = `text of ${min} to ${max} characters`;
  return z.string(message).min(min, message).max(max, message);
}

/** Money on the wire: a positive amount in units with at most two decimals; cents inside. */
export function money(maxUnits = 1_000_000_000) {
  const message = `a positive amount up to ${maxUnits} with at most two decimals`;
  return z
    .number(message)
    .positive(message)
    .max(maxUnits, message)
    .refine((units) => Math.abs(units * 100 - Math.round(units * 100)) < 1e-6, message)
    .transform((units) => Math.round(units * 100));
}

/** Query parameters arrive as text: a whole number with a default. */
export function queryWhole(min: number, max: number, fallback: number) {
  const message = `a whole number from ${min} to ${max}`;
  return z
    .string(message)
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((n) => n >= min && n <= max, message)
    .optional()
    .transform((n) => n ?? fallback);
}

/** Identifiers that callers choose or carry: safe in paths, logs and labels. */
export const identifier = z
  .string('an identifier')
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'up to 64 letters, digits, _ or -');
