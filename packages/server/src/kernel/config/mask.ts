/** Names of settings whose values are secrets. What ends in `_file` only says where one is. */
const SECRET_NAME =
  /^(?:[\w-]*[_-])?(?:password|passwd|secrets?|token|credentials|api_?key|access_?key|private_?key)$|^key$/i;
/** Headers that carry a login. */
const SECRET_HEADER = /authorization|cookie|token|secret|password|credential|api-?key|signature/i;
const HEADERS = new Set(['headers', 'http_headers']);
/** The password in an address such as `https://user:password@host`. */
const PASSWORD_IN_URL = /\b([a-z][a-z0-9+.-]{0,20}:\/\/[^/?#@:\s"']*:)[^/?#@\s"']+(@)/gi;
/** The same where no password says that it is only a name: many services take a token there (`https://TOKEN@host`). */
const ALONE_IN_URL = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^/?#@:\s"']+:?(@)/gi;
/** A parameter of an address such as `?token=…`. */
const SECRET_IN_QUERY =
  /([?&](?:[\w-]*(?:token|secret|password|passwd|api_?key|signature|credentials?)|key|sig)=)[^&#\s"']+/gi;
const MASK = '<secret>';

/** A text without the secrets that addresses in it hold. */
export function maskedText(text: string): string {
  return text
    .replaceAll(PASSWORD_IN_URL, `$1${MASK}$2`)
    .replaceAll(ALONE_IN_URL, `$1${MASK}$2`)
    .replaceAll(SECRET_IN_QUERY, `$1${MASK}`);
}

/**
 * A value as it may be shown, as plain data: secrets, by the names of what holds them and in addresses, are `<secret>`; so is the path
 * of a webhook's address, which is its secret with many services.
 */
export function maskedConfig(value: unknown): unknown {
  return masked(value, []);
}

function masked(value: unknown, path: readonly string[]): unknown {
  if (isSecret(path) && value !== undefined && value !== null) return MASK;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return isWebhook(path) ? originOf(value) : maskedText(value);
  if (Array.isArray(value)) return value.map((item: unknown) => masked(item, path));
  if (typeof value !== 'object' || value === null) return value;
  if (!isPlain(value)) return textOf(value);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, masked(inner, [...path, key])]),
  );
}

/** Whether it is data, and not something made of it such as a compiled pattern, which is shown as the text it says of itself. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function textOf(value: { toString(): string }): string {
  return value.toString();
}

function isSecret(path: readonly string[]): boolean {
  const name = path.at(-1) ?? '';
  return SECRET_NAME.test(name) || (HEADERS.has(path.at(-2) ?? '') && SECRET_HEADER.test(name));
}

function isWebhook(path: readonly string[]): boolean {
  return path.at(-1) === 'url' && path.includes('webhooks');
}

function originOf(address: string): string {
  if (!URL.canParse(address)) return MASK;
  const { origin, pathname, search } = new URL(address);
  return pathname === '/' && search === '' ? `${origin}/` : `${origin}/${MASK}`;
}
