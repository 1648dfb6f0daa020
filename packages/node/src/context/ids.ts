import { randomUUID } from 'node:crypto';

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

/** 32 hex digits; node draws UUIDs from a pool, thirty times as fast as `randomBytes`. Their fixed bits leave it random enough and never zero. */
export function newTraceId(): string {
  return randomUUID().replaceAll('-', '');
}

/** 16 hex digits, with the UUID's version digit among them: never all zero. */
export function newSpanId(): string {
  const uuid = randomUUID();
  return uuid.slice(0, 8) + uuid.slice(9, 13) + uuid.slice(14, 18);
}
