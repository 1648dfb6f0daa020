import { randomBytes, randomUUID } from 'node:crypto';

/** Long enough for any scheme in use (UUID, ULID, trace ids, load balancers' ids), short enough for headers and logs. */
const MAX_ID_LENGTH = 128;
const ID = /^[A-Za-z0-9][A-Za-z0-9._:/+=@-]*$/;

/** The id of an incoming header when it is one, else undefined: anything else could forge log lines or headers downstream. */
export function acceptId(value: string | readonly string[] | undefined): string | undefined {
  const first = typeof value === 'string' ? value : value?.[0];
  if (first === undefined || first.length === 0 || first.length > MAX_ID_LENGTH) return undefined;
  return ID.test(first) ? first : undefined;
}

export function newRequestId(): string {
  return randomUUID();
}

export function newTraceId(): string {
  return randomHex(16);
}

export function newSpanId(): string {
  return randomHex(8);
}

/** All zeros is the one invalid value of W3C ids. */
function randomHex(bytes: number): string {
  const hex = randomBytes(bytes).toString('hex');
  return /^0+$/.test(hex) ? `${hex.slice(1)}1` : hex;
}
