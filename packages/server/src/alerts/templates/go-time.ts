/** Go's zero time: what stands where there is no time. */
const ZERO_TIME = '0001-01-01T00:00:00Z';

/** Epoch ms as Go writes a time in JSON: RFC 3339 without needless zeros behind the point. Null is no time. */
export function goTime(ms: number | null): string {
  if (ms === null) return ZERO_TIME;
  return new Date(ms)
    .toISOString()
    .replace(/\.(\d*?)0*Z$/, (_all, digits: string) => (digits === '' ? 'Z' : `.${digits}Z`));
}
