import { eventsErrors } from '../errors.ts';
import { fieldOf, type IncomingEvent, isObject, type JsonObject, type JsonValue } from '../event.ts';
import { MOST_DEPTH } from '../mask.ts';

const MOST_NAME = 200;
/** Where dates end (ECMA-262, 21.4.1.1). */
const LAST_TIME_MS = 8.64e15;
/** Epoch numbers below this are seconds, above it milliseconds. */
const SECONDS_BELOW = 1e11;
/** A date and a time without a zone, as Python writes it: UTC is meant. */
const ZONELESS = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?$/;

/** One event from a parsed body. Throws `events.badEvent`, which names the field, the value and what was expected. */
export function parseEvent(value: unknown): IncomingEvent {
  if (!isObject(value)) throw wrong('the event', value, 'an object');
  return {
    source: nameOf(value, 'source'),
    eventType: nameOf(value, 'event_type'),
    data: objectOf(value, 'data'),
    metadata: objectOf(value, 'metadata'),
    at: timeOf(fieldOf(value, 'timestamp')),
    id: idOf(fieldOf(value, 'id')),
  };
}

function nameOf(event: JsonObject, field: string): string {
  const value = fieldOf(event, field);
  const text = typeof value === 'string' ? value.trim() : '';
  if (text === '' || text.length > MOST_NAME)
    throw wrong(field, value, `a text of 1 to ${MOST_NAME} characters`);
  return text;
}

function objectOf(event: JsonObject, field: string): JsonObject {
  const value = fieldOf(event, field) ?? null;
  if (value === null) return {};
  if (!isObject(value)) throw wrong(field, value, 'an object');
  if (isDeeper(value, MOST_DEPTH))
    throw eventsErrors.make('badEvent', `${field} is nested more than ${MOST_DEPTH} deep`);
  return value;
}

function isDeeper(value: JsonValue, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (left === 0) return true;
  if (Array.isArray(value)) return value.some((item: JsonValue) => isDeeper(item, left - 1));
  if (!isObject(value)) return false;
  for (const name in value) {
    const item = value[name];
    if (typeof item === 'object' && item !== null && isDeeper(item, left - 1)) return true;
  }
  return false;
}

function timeOf(value: JsonValue | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  const ms =
    typeof value === 'number'
      ? Math.abs(value) < SECONDS_BELOW
        ? value * 1000
        : value
      : typeof value === 'string'
        ? Date.parse(ZONELESS.test(value) ? `${value.replace(' ', 'T')}Z` : value)
        : Number.NaN;
  if (!(Math.abs(ms) <= LAST_TIME_MS))
    throw wrong('timestamp', value, 'RFC 3339, or epoch seconds or milliseconds');
  return Math.floor(ms);
}

function idOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value !== 'string' || value === '' || value.length > MOST_NAME)
    throw wrong('id', value, `a text of 1 to ${MOST_NAME} characters, or a whole number`);
  return value;
}

function wrong(field: string, value: unknown, expected: string): Error {
  const shown = value === undefined ? 'missing' : `${JSON.stringify(value)}`.slice(0, 100);
  return eventsErrors.make('badEvent', `${field} is ${shown}, expected ${expected}`);
}
