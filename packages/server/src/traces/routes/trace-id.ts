import { tracesErrors } from '../errors.ts';

/** A trace id of at most 32 hex digits, leading zeros left out or not (compat JA-4), as its 32 digits. Throws `traces.badParameter`. */
export function parseTraceId(text: string): string {
  if (/^[0-9a-fA-F]{1,32}$/.test(text) && !/^0+$/.test(text)) return text.toLowerCase().padStart(32, '0');
  throw tracesErrors.make(
    'badParameter',
    `trace id ${JSON.stringify(text.slice(0, 64))}, expected at most 32 hex digits, not all of them 0`,
  );
}

/** A span id of at most 16 hex digits as its 16 digits. Throws `traces.badParameter`. */
export function parseSpanId(text: string): string {
  if (/^[0-9a-fA-F]{1,16}$/.test(text)) return text.toLowerCase().padStart(16, '0');
  throw tracesErrors.make(
    'badParameter',
    `span id ${JSON.stringify(text.slice(0, 64))}, expected at most 16 hex digits`,
  );
}
