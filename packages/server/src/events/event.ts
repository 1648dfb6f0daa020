/** A JSON value as it was parsed. Objects hold names from outside: read them through {@link fieldOf}. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

export const STATUSES = ['NORMAL', 'WARNING', 'CRITICAL'] as const;
export type Status = (typeof STATUSES)[number];
/** How a status is stored: its place in the list. */
export const STATUS_NUMBERS: Readonly<Record<Status, number>> = { NORMAL: 0, WARNING: 1, CRITICAL: 2 };

/** What the sender is to do, the mildest first: nothing, the operation again, the data again, call people, stop the system. */
export const DECISIONS = ['CONTINUE', 'RETRY', 'REPROCESS', 'ESCALATE', 'HALT'] as const;
export type Decision = (typeof DECISIONS)[number];

/** What rules look at: an event as it is stored, sensitive values masked. */
export interface JudgedEvent {
  readonly source: string;
  readonly eventType: string;
  readonly data: JsonObject;
  readonly metadata: JsonObject;
}

/** An event as it came through a door. */
export interface IncomingEvent extends JudgedEvent {
  /** Empty when the sender gave none. */
  readonly id: string;
  /** Epoch ms; undefined when the sender gave none. */
  readonly at: number | undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** An own member; undefined when there is none. What every object inherits (`constructor`, `__proto__`) is no member. */
export function fieldOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

const LONGEST_NUMBER = 40;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/** A finite number, also when it was sent as text; undefined for everything else. */
export function numberOf(value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.length > LONGEST_NUMBER) return undefined;
  const first = value.charCodeAt(0);
  if (first !== MINUS && !(first >= ZERO && first <= NINE)) return undefined;
  return DECIMAL.test(value) ? Number(value) : undefined;
}

const MOST_SHOWN = 200;

/** A value as an issue carries it: scalars as they are, the rest as JSON text, all of it short. */
export function shownValue(value: JsonValue | undefined): string | number | boolean | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}
