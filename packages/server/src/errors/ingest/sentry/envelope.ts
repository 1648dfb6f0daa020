import { isLoose, type Loose } from '../lenient.ts';

/** One item of an envelope: what its header says, and its bytes. */
interface EnvelopeItem {
  readonly type: string;
  readonly header: Loose;
  readonly payload: Uint8Array;
}

export interface Envelope {
  readonly header: Loose;
  readonly items: readonly EnvelopeItem[];
  /** Why reading ended before the body did, naming what is wrong; null when all was read. */
  readonly problem: string | null;
}

/** More items than this are one sender's mistake. */
const MOST_ITEMS = 1000;
/** A header is one short line. */
const MOST_HEADER = 65_536;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

const decoder = new TextDecoder('utf-8');

/**
 * Reads an envelope of Sentry's SDKs: a line of JSON, then for each item a line of JSON and a payload, of `length` bytes where the header says so,
 * else up to the end of the line (develop.sentry.dev, Envelopes). What is wrong in the middle ends the reading: what came before stands.
 * Null when the first line is no JSON object.
 */
export function parseEnvelope(bytes: Uint8Array): Envelope | null {
  const first = lineAt(bytes, 0);
  const header = objectOf(bytes, 0, first.end);
  if (header === null) return null;
  const items: EnvelopeItem[] = [];
  let at = first.next;
  const ended = (problem: string | null): Envelope => ({ header, items, problem });
  while (at < bytes.length) {
    const line = lineAt(bytes, at);
    if (line.end === at) {
      at = line.next;
      continue;
    }
    const where = `item ${items.length + 1}`;
    if (items.length === MOST_ITEMS) return ended(`${where}: expected at most ${MOST_ITEMS} items`);
    const item = objectOf(bytes, at, line.end);
    if (item === null) return ended(`${where}: its header is no JSON object`);
    const { type } = item;
    if (typeof type !== 'string' || type === '') return ended(`${where}: its header has no type`);
    const payload = payloadAt(bytes, line.next, item);
    if (payload === null)
      return ended(`${where} (${shown(type)}): length ${shown(item['length'])} is not what follows`);
    items.push({ type, header: item, payload: bytes.subarray(line.next, payload.end) });
    at = payload.next;
  }
  return ended(null);
}

interface Span {
  readonly end: number;
  readonly next: number;
}

function lineAt(bytes: Uint8Array, start: number): Span {
  const found = bytes.indexOf(LINE_FEED, start);
  if (found < 0) return { end: bytes.length, next: bytes.length };
  return { end: found > start && bytes[found - 1] === CARRIAGE_RETURN ? found - 1 : found, next: found + 1 };
}

function payloadAt(bytes: Uint8Array, start: number, header: Loose): Span | null {
  const length = header['length'];
  if (length === undefined || length === null) return lineAt(bytes, start);
  if (typeof length !== 'number' || !Number.isInteger(length) || length < 0) return null;
  const end = start + length;
  if (end > bytes.length) return null;
  return { end, next: bytes[end] === LINE_FEED ? end + 1 : end };
}

/** Only own keys of what JSON.parse makes are looked at, so that a `__proto__` is a key like any other. */
function objectOf(bytes: Uint8Array, start: number, end: number): Loose | null {
  if (end - start > MOST_HEADER) return null;
  return jsonObject(bytes.subarray(start, end));
}

/** The JSON object that bytes are; null for anything else. */
export function jsonObject(bytes: Uint8Array): Loose | null {
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes));
    return isLoose(value) ? value : null;
  } catch {
    return null;
  }
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 60);
}
