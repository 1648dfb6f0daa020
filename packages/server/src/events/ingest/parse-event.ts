import { eventsErrors } from '../errors.ts';
import { fieldOf, type IncomingEvent, isList, isObject, type JsonObject, type JsonValue } from '../event.ts';
import { MOST_DEPTH } from '../mask.ts';

const MOST_NAME = 200;
/** Where dates end (ECMA-262, 21.4.1.1). */
const LAST_TIME_MS = 8.64e15;
/** Epoch numbers below this are seconds, above it milliseconds. */
const SECONDS_BELOW = 1e11;
/** A date and a time without a zone, as Python writes it: UTC is meant. */
const ZONELESS = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?$/;

export interface ParsedEvent extends IncomingEvent {
  /** Members of all objects in `data` and in `metadata`. */
  readonly dataMembers: number;
  readonly metadataMembers: number;
}

/** One event from a parsed body. Throws `events.badEvent`, which names the field, the value and what was expected. */
export function parseEvent(value: unknown): ParsedEvent {
  if (!isObject(value)) throw wrong('the event', value, 'an object');
  const source = nameOf(value, 'source');
  const eventType = nameOf(value, 'event_type');
  const data = objectOf(value, 'data');
  const dataMembers = membersOf(data, 'data', MOST_DEPTH);
  const metadata = objectOf(value, 'metadata');
  const metadataMembers = membersOf(metadata, 'metadata', MOST_DEPTH);
  const at = timeOf(fieldOf(value, 'timestamp'));
  const id = idOf(fieldOf(value, 'id'));
  return { source, eventType, data, metadata, at, id, dataMembers, metadataMembers };
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
  return value;
}

/** Members of all objects in a value. Throws where it is nested too deep. */
function membersOf(value: JsonValue, field: string, left: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (left === 0) throw eventsErrors.make('badEvent', `${field} is nested more than ${MOST_DEPTH} deep`);
  let members = 0;
  if (isList(value)) for (const item of value) members += membersOf(item, field, left - 1);
  else
    for (const name in value) {
      const item = value[name];
      members++;
      if (typeof item === 'object' && item !== null) members += membersOf(item, field, left - 1);
    }
  return members;
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
