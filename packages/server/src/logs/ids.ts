/** What joins a line with other signals; empty where it says nothing. Hex in lower case. */
export interface LineIds {
  trace: string;
  span: string;
  request: string;
}

const TRACE_NAMES: ReadonlySet<string> = new Set([
  'trace_id',
  'traceid',
  'trace.id',
  'trace-id',
  'dd.trace_id',
]);
const SPAN_NAMES: ReadonlySet<string> = new Set(['span_id', 'spanid', 'span.id', 'span-id']);
const REQUEST_NAMES: ReadonlySet<string> = new Set([
  'request_id',
  'requestid',
  'request.id',
  'request-id',
  'x-request-id',
  'x_request_id',
  'req_id',
  'reqid',
]);

/** Whether a name carries an id that has a column of its own, and which. */
export function idField(name: string): keyof LineIds | null {
  if (name.length > 14) return null;
  const lower = name.toLowerCase();
  if (TRACE_NAMES.has(lower)) return 'trace';
  if (SPAN_NAMES.has(lower)) return 'span';
  return REQUEST_NAMES.has(lower) ? 'request' : null;
}

const MOST_ID_BYTES = 128;

/** Takes an id from a named value. Trace and span ids of zeros mean none. */
export function takeId(ids: LineIds, field: keyof LineIds, value: string): void {
  if (ids[field] !== '' || value === '' || value.length > MOST_ID_BYTES) return;
  if (field === 'request') {
    ids.request = value;
    return;
  }
  if (isHexId(value)) ids[field] = value.toLowerCase();
}

/** 8 to 32 hex digits that are not all zero. By hand: each line asks, and two patterns took longer than finding the value. */
function isHexId(value: string): boolean {
  const { length } = value;
  if (length < 8 || length > 32) return false;
  let isZero = true;
  for (let at = 0; at < length; at++) {
    const code = value.charCodeAt(at);
    const letter = code | 0x20;
    if ((code < 0x30 || code > 0x39) && (letter < 0x61 || letter > 0x66)) return false;
    if (code !== 0x30) isZero = false;
  }
  return !isZero;
}

/** What stands before `id` in a name, without its first letter, which may be a capital. */
const STEMS = [
  ['trace', Buffer.from('race')],
  ['span', Buffer.from('pan')],
  ['request', Buffer.from('equest')],
] as const;
const LETTER_I = 0x69;
const LETTER_D = 0x64;
/** Names of one kind whose values are looked at. */
const MOST_LOOKS = 4;

/** Fills in the ids that the text of a line tells: `trace_id`, `traceId`, `request_id` and the like, in JSON or logfmt. */
export function idsInText(ids: LineIds, message: Uint8Array): void {
  const looks = { trace: 0, span: 0, request: 0 };
  const end = message.length;
  // Of two letters side by side one stands at every second place.
  for (let at = 1; at < end; at += 2) {
    const letter = message[at] | 0x20;
    let first = at;
    if (letter === LETTER_D) first--;
    else if (letter !== LETTER_I) continue;
    if ((message[first] | 0x20) !== LETTER_I || (message[first + 1] | 0x20) !== LETTER_D) continue;
    const field = nameBefore(message, first);
    if (field === null || ids[field] !== '' || looks[field]++ >= MOST_LOOKS) continue;
    const value = valueAfter(message, first + 2);
    if (value !== '') takeId(ids, field, value);
    if (ids.trace !== '' && ids.span !== '' && ids.request !== '') return;
  }
}

/** Whose id a name is, by what stands before its `id`. */
function nameBefore(bytes: Uint8Array, at: number): keyof LineIds | null {
  const separator = bytes[at - 1];
  const end = separator === 0x5f || separator === 0x2e || separator === 0x2d ? at - 1 : at;
  for (const [field, stem] of STEMS) {
    // One more letter before the stem.
    if (end <= stem.length) continue;
    let same = stem.length - 1;
    while (same >= 0 && bytes[end - stem.length + same] === stem[same]) same--;
    if (same < 0) return field;
  }
  return null;
}

/** The value after a name: over quotes, blanks and the separator. */
function valueAfter(bytes: Uint8Array, from: number): string {
  let at = from;
  let separated = false;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 0x3a || byte === 0x3d) {
      if (separated) return '';
      separated = true;
    } else if (byte !== 0x22 && byte !== 0x20 && byte !== 0x27 && byte !== 0x5c) break;
  }
  if (!separated) return '';
  const start = at;
  while (at < bytes.length && at - start <= MOST_ID_BYTES && isIdPart(bytes[at])) at++;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, at - start).toString('latin1');
}

function isIdPart(byte: number): boolean {
  const lower = byte | 0x20;
  return (
    (lower >= 0x61 && lower <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2d ||
    byte === 0x5f ||
    byte === 0x2e
  );
}
