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
  const hex = value.toLowerCase();
  if (/^[0-9a-f]{8,32}$/.test(hex) && !/^0+$/.test(hex)) ids[field] = hex;
}

const STEMS = [
  ['trace', Buffer.from('race')],
  ['span', Buffer.from('pan')],
  ['request', Buffer.from('equest')],
] as const;

/** Fills in the ids that the text of a line tells: `trace_id`, `traceId`, `request_id` and the like, in JSON or logfmt. */
export function idsInText(ids: LineIds, message: Buffer): void {
  for (const [field, stem] of STEMS) {
    if (ids[field] !== '') continue;
    for (
      let at = message.indexOf(stem), looks = 0;
      at > 0 && looks < 4;
      at = message.indexOf(stem, at + 1), looks++
    ) {
      const value = idAfter(message, at + stem.length);
      if (value !== '') takeId(ids, field, value);
      if (ids[field] !== '') break;
    }
  }
}

/** The value of a name whose stem ends at `from`: over `_id`, quotes, blanks and the separator. */
function idAfter(bytes: Uint8Array, from: number): string {
  let at = from;
  if (bytes[at] === 0x5f || bytes[at] === 0x2e || bytes[at] === 0x2d) at++;
  if (((bytes[at] ?? 0) | 0x20) !== 0x69 || ((bytes[at + 1] ?? 0) | 0x20) !== 0x64) return '';
  at += 2;
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
