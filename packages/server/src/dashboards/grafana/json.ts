/** Readers for JSON of unknown origin: each answers what it was asked for, or its default. */
export type Json = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function record(value: unknown): Json {
  return isRecord(value) ? value : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function records(value: unknown): readonly Json[] {
  return list(value).filter(isRecord);
}

/** Text cut to `max`; numbers and booleans count as text. */
export function text(value: unknown, otherwise = '', max = 2000): string {
  if (typeof value === 'string') return value.slice(0, max);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : otherwise;
}

/** A finite number; digits in a string count. */
export function number(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

export function integer(value: unknown, least: number, most: number): number | undefined {
  const parsed = number(value);
  return parsed === undefined ? undefined : Math.min(most, Math.max(least, Math.round(parsed)));
}

export function texts(value: unknown, max = 2000): string[] {
  return list(value)
    .filter((item) => typeof item === 'string' || typeof item === 'number')
    .map((item) => String(item).slice(0, max));
}
