/** A member's value as it stands in the text of its object. */
export interface MemberText {
  readonly start: number;
  readonly end: number;
  /** Members of all objects in it, as often as they are written. */
  readonly members: number;
}

/** Of an event: undefined for a member it does not have. */
export interface MemberTexts {
  readonly data: MemberText | undefined;
  readonly metadata: MemberText | undefined;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const BLANK = 0x20;

/**
 * Where `data` and `metadata` stand in the text of an event, so that they can be stored without being written anew. The text must be
 * JSON that was parsed. Null when it has blanks between its parts, or escapes: then it is better written anew.
 */
export function memberTexts(text: string): MemberTexts | null {
  let data: MemberText | undefined;
  let metadata: MemberText | undefined;
  for (let at = 1; at < text.length && text.charCodeAt(at) === QUOTE; ) {
    const nameEnd = stringEnd(text, at);
    if (nameEnd < 0 || text.charCodeAt(nameEnd + 1) !== COLON) return null;
    const value = valueAt(text, nameEnd + 2);
    if (value === null) return null;
    // The last of those with one name counts, as it does when they are parsed.
    if (isNamed(text, at, nameEnd, 'data')) data = value;
    else if (isNamed(text, at, nameEnd, 'metadata')) metadata = value;
    at = value.end + 1;
  }
  return { data, metadata };
}

function isNamed(text: string, quote: number, end: number, name: string): boolean {
  return end - quote - 1 === name.length && text.startsWith(name, quote + 1);
}

/** The value that begins here, up to the comma or bracket behind it; null when it is better written anew. */
function valueAt(text: string, start: number): MemberText | null {
  let depth = 0;
  let members = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at);
      if (at < 0) return null;
    } else if (code <= BLANK) return null;
    else if (code === COLON) members++;
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth++;
    else if (depth === 0 && (code === COMMA || code === CLOSE_OBJECT)) return { start, end: at, members };
    else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth--;
  }
  return null;
}

/** The closing quote of a string; -1 when it has an escape. */
function stringEnd(text: string, quote: number): number {
  for (let at = quote + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) return -1;
  }
  return -1;
}
