/** Secrets leave no trace in logs and errors: by the name of their key, or by their shape. */

export const MASK = '[masked]';

const SECRET_KEY =
  /pass(word|wd|phrase)?$|^pwd$|secret|token|api[-_]?key|authorization|^auth$|cookie|credential|private[-_]?key|session[-_]?id|^(card|cc|pan)([-_]?number)?$|cvv|cvc|^ssn$|^otp$|^pin$/i;

const BEARER = /\b(Bearer|Basic|Token)\s+[A-Za-z0-9._~+/=-]{6,}/gi;
const JWT = /\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*/g;
const URL_CREDENTIALS = /([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/:@]{0,200}:[^\s/@]{1,200}@/gi;
const ASSIGNED =
  /(password|passwd|pwd|secret|token|api[-_]?key|access[-_]?token|refresh[-_]?token)(\\?["']?\s{0,4}[=:]\s{0,4})(\\"[^"\\]{1,500}\\"|"(?:[^"\\]|\\.){1,500}"|'[^']{1,500}'|\\?["']?[^\s"'&,;\\]{1,500})/gi;
const CARD = /\b\d(?:[ -]?\d){12,18}\b/g;

const LIMITS = { depth: 6, entries: 100, text: 8_192 } as const;

/** Whether a key's value is a secret whatever it looks like. */
export function isSecretKey(key: string, more: ReadonlySet<string> = new Set()): boolean {
  return SECRET_KEY.test(key) || more.has(key.toLowerCase());
}

/** Masks secrets inside a text and cuts it to a bounded length. Linear in the length of the text. */
export function maskText(text: string): string {
  const bounded = text.length > LIMITS.text ? `${text.slice(0, LIMITS.text)}…` : text;
  return bounded
    .replace(JWT, MASK)
    .replace(BEARER, (_match, scheme: string) => `${scheme} ${MASK}`)
    .replace(URL_CREDENTIALS, (_match, scheme: string) => `${scheme}${MASK}@`)
    .replace(
      ASSIGNED,
      (_match, key: string, between: string, value: string) => `${key}${between}${maskedValue(value)}`,
    )
    .replace(CARD, (digits) => (isCardNumber(digits) ? MASK : digits));
}

/** The quotes around a value stay, so that what was JSON still is. */
function maskedValue(value: string): string {
  const quote = /^\\?["']/.exec(value)?.[0] ?? '';
  const closed = quote !== '' && value.length > quote.length && value.endsWith(quote);
  return `${quote}${MASK}${closed ? quote : ''}`;
}

/** A copy fit for JSON: secrets masked, cycles cut, depth, breadth and text bounded. Never throws. */
export function maskValue(value: unknown, moreKeys: ReadonlySet<string> = new Set()): unknown {
  return copy(value, { depth: 0, seen: new Set(), moreKeys });
}

interface Walk {
  readonly depth: number;
  readonly seen: Set<object>;
  readonly moreKeys: ReadonlySet<string>;
}

function copy(value: unknown, walk: Walk): unknown {
  if (typeof value === 'string') return maskText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (walk.seen.has(value)) return '[circular]';
  if (walk.depth >= LIMITS.depth) return '[too deep]';
  walk.seen.add(value);
  try {
    return copyObject(value, { ...walk, depth: walk.depth + 1 });
  } catch {
    return '[unreadable]';
  } finally {
    walk.seen.delete(value);
  }
}

function copyObject(value: object, walk: Walk): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Error) return copyError(value, walk);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map)
    return copyEntries(
      Array.from(value, ([key, item]) => [String(key), item]),
      walk,
    );
  const items = value instanceof Set ? Array.from(value) : value;
  if (Array.isArray(items)) {
    const kept = items.slice(0, LIMITS.entries).map((item: unknown) => copy(item, walk));
    return items.length > LIMITS.entries ? [...kept, `[${items.length - LIMITS.entries} more]`] : kept;
  }
  return copyEntries(Object.entries(value), walk);
}

function copyError(error: Error, walk: Walk): unknown {
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? copy(error.code, walk) : undefined;
  return copyEntries(
    Object.entries({ name, message, code, stack, cause }).filter(([, item]) => item !== undefined),
    walk,
  );
}

/** `fromEntries` defines its keys, so that one called `__proto__` is a key like others. */
function copyEntries(entries: [string, unknown][], walk: Walk): unknown {
  const kept = entries
    .slice(0, LIMITS.entries)
    .map(([key, item]) => [key, isSecretKey(key, walk.moreKeys) ? MASK : copy(item, walk)]);
  if (entries.length > LIMITS.entries) kept.push(['…', `${entries.length - LIMITS.entries} more`]);
  return Object.fromEntries(kept);
}

/** The Luhn check (ISO/IEC 7812-1, annex B), so that order numbers and timestamps stay readable. */
function isCardNumber(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
