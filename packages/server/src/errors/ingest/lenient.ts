import { clip } from '../limits.ts';

/** A JSON object from outside; only its own keys count, whatever they are called. */
export type Loose = Readonly<Record<string, unknown>>;

export function isLoose(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function field(object: Loose, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** An object that stands under a key; an empty one otherwise. */
export function inner(object: Loose, key: string): Loose {
  const value = field(object, key);
  return isLoose(value) ? value : {};
}

/** A text under a key, cut to size; numbers and booleans as texts; empty for anything else. */
export function text(object: Loose, key: string, most: number): string {
  return asText(field(object, key), most);
}

export function asText(value: unknown, most: number): string {
  if (typeof value === 'string') return clip(value, most);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** A whole number under a key that is not negative and not huge; 0 for anything else. */
export function count(object: Loose, key: string): number {
  const value = field(object, key);
  return typeof value === 'number' && Number.isFinite(value) && value > 0
    ? Math.min(Math.floor(value), 2 ** 31)
    : 0;
}

/** The items under a key, at most so many; those of `{values: […]}` too. */
export function items(object: Loose, key: string, most: number): readonly unknown[] {
  const value = field(object, key);
  const list = isLoose(value) ? field(value, 'values') : value;
  return Array.isArray(list) ? list.slice(0, most) : [];
}

/** Texts of an object or of a list of pairs. */
export function textPairs(value: unknown, most: number, mostText: number): [string, string][] {
  const entries: readonly unknown[] = Array.isArray(value)
    ? value
    : isLoose(value)
      ? Object.entries(value)
      : [];
  const found: [string, string][] = [];
  for (const entry of entries) {
    if (found.length === most) break;
    if (!Array.isArray(entry) || typeof entry[0] !== 'string') continue;
    found.push([clip(entry[0], 200), asText(entry[1], mostText)]);
  }
  return found;
}

/** Epoch ms of seconds, milliseconds or RFC 3339; null for anything else. */
export function timeOf(value: unknown): number | null {
  if (typeof value === 'string' && value.length <= 64) {
    const bare = /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(value) ? `${value}Z` : value;
    const parsed = Date.parse(bare);
    return Number.isNaN(parsed) ? null : parsed;
  }
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return null;
  const ms = value < 1e11 ? value * 1000 : value;
  return ms <= 8.64e15 ? Math.floor(ms) : null;
}
