import { createHash } from 'node:crypto';

/** 32 hex digits of an id from outside: a UUID or hex id keeps its digits, any other text is hashed. Null for no id. */
export function eventId(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null;
  const plain = value.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(plain) ? plain : derivedId(value);
}

/** The id of what comes without one: the same facts have the same id. */
export function derivedId(...facts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);
}

/** A trace or span id of that many hex digits, lower case; empty for anything else and for zeros. */
export function hexId(value: unknown, digits: number): string {
  const id = typeof value === 'string' ? value.replaceAll('-', '').toLowerCase() : '';
  return id.length === digits && /^[0-9a-f]+$/.test(id) && !/^0+$/.test(id) ? id : '';
}
