/** An answer as points: `labels@time` to value; names and label sets of the label APIs stand for themselves. */
export type Points = ReadonlyMap<string, string>;

interface Series {
  readonly metric: Record<string, string>;
  readonly value?: [number, string];
  readonly values?: [number, string][];
}

interface Envelope {
  readonly data?: { readonly result: Series[] } | (string | Record<string, string>)[];
  readonly error?: string;
}

const keyOf = (labels: Record<string, string>): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Reads any of the benchmark's answers; fails on an error answer. */
export function pointsOf(body: Buffer, query: string): Points {
  const { data, error } = JSON.parse(body.toString()) as Envelope;
  if (data === undefined) throw new Error(`${query}: ${error ?? body.toString().slice(0, 200)}`);
  const points = new Map<string, string>();
  if (Array.isArray(data)) {
    for (const item of data) points.set(typeof item === 'string' ? item : keyOf(item), '1');
    return points;
  }
  for (const { metric, value, values } of data.result) {
    const key = keyOf(metric);
    if (value !== undefined) points.set(`${key}@${value[0]}`, value[1]);
    for (const [time, number] of values ?? []) points.set(`${key}@${time}`, number);
  }
  return points;
}

/** Undefined when the answers are the same up to rounding, else the first difference in words. */
export function difference(expected: Points, found: Points): string | undefined {
  if (expected.size === 0) return 'nothing to compare';
  for (const [key, value] of expected) {
    const other = found.get(key);
    if (other === undefined) return `${key} is missing (${expected.size} points, ${found.size} found)`;
    const [x, y] = [Number(value), Number(other)];
    if (Math.abs(x - y) > 1e-9 * Math.max(Math.abs(x), Math.abs(y)))
      return `${key} is ${other}, not ${value}`;
  }
  return expected.size === found.size ? undefined : `${found.size} points, not ${expected.size}`;
}
