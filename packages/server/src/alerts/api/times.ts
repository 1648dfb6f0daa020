const DATE_TIME = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:[.,](\d+))?(Z|z|[+-]\d{2}:?\d{2})$/;
/** Go's zero time, which amtool sends for "no time". */
const ZERO_MS = Date.parse('0001-01-01T00:00:00Z');

/** Epoch ms of an RFC 3339 time, down to the millisecond; null for Go's zero time; undefined when it is no time. */
export function parseTime(text: string): number | null | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [, date, time, fraction = '', zone = ''] = match;
  const offset = /^z$/i.test(zone) ? 'Z' : zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const ms = Date.parse(`${date}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}${offset}`);
  if (Number.isNaN(ms)) return undefined;
  return ms === ZERO_MS ? null : ms;
}

/** As API v2 writes it: always with milliseconds. */
export function apiTime(ms: number): string {
  return new Date(ms).toISOString();
}
