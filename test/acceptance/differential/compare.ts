import { z } from 'zod';

/** Sums in another order may differ in the last digits; results near zero by as much as what they were made of. */
const RELATIVE = 1e-9;

const number = z.union([z.number(), z.string()]);
const histogram = z.tuple([
  z.number(),
  z.object({
    count: z.string(),
    sum: z.string(),
    buckets: z.array(z.tuple([z.number(), z.string(), z.string(), z.string()])).optional(),
  }),
]);
/** An answer of the query APIs. */
export const answerShape = z.object({
  status: z.enum(['success', 'error']),
  errorType: z.string().optional(),
  error: z.string().optional(),
  data: z
    .object({
      resultType: z.enum(['vector', 'matrix', 'scalar', 'string']),
      result: z.array(
        z.union([
          number,
          z.object({
            metric: z.record(z.string(), z.string()),
            value: z.tuple([z.number(), z.string()]).optional(),
            values: z.array(z.tuple([z.number(), z.string()])).optional(),
            histogram: histogram.optional(),
            histograms: z.array(histogram).optional(),
          }),
        ]),
      ),
    })
    .optional(),
});
export type Answer = z.infer<typeof answerShape>;

/** Null when the answers are the same up to rounding. */
export function differenceOf(ours: Answer, theirs: Answer, ordered: boolean): string | null {
  if (ours.status !== theirs.status)
    return `we ${ours.status} ${ours.error}, they ${theirs.status} ${theirs.error}`;
  if (ours.status === 'error')
    return ours.errorType === theirs.errorType ? null : `${ours.error} / ${theirs.error}`;
  if (ours.data?.resultType !== theirs.data?.resultType) return 'result types differ';
  const a = flat(ours, ordered);
  const b = flat(theirs, ordered);
  if (a.length !== b.length) return `${a.length} series, they have ${b.length}`;
  for (const [i, [name, points]] of a.entries()) {
    const [theirName, theirPoints] = b[i] ?? ['', []];
    if (name !== theirName) return `${name} where they have ${theirName}`;
    for (const [k, [time, value]] of points.entries()) {
      const [theirTime, theirValue] = theirPoints[k] ?? [0, ''];
      if (time !== theirTime || !close(value, theirValue))
        return `${name} at ${time}: ${value}, they ${theirValue} at ${theirTime}`;
    }
    if (points.length !== theirPoints.length)
      return `${name}: ${points.length} points, they ${theirPoints.length}`;
  }
  return null;
}

type Points = readonly (readonly [number, string])[];

function flat(answer: Answer, ordered: boolean): [string, Points][] {
  const result = answer.data?.result ?? [];
  const [first, second] = result;
  if (typeof first === 'number') return [['', [[first, String(second)]]]];
  const series = result.flatMap((item): [string, Points][] => {
    if (typeof item !== 'object') return [];
    const name = JSON.stringify(Object.entries(item.metric).sort(([a], [b]) => (a < b ? -1 : 1)));
    const histograms = item.histograms ?? (item.histogram === undefined ? [] : [item.histogram]);
    const floats = item.values ?? (item.value === undefined ? [] : [item.value]);
    return [[name, [...floats, ...histograms.flatMap(numbersOf)]]];
  });
  return ordered ? series : series.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Count, sum and every bucket's rule, bounds and count. */
function numbersOf([time, { count, sum, buckets = [] }]: z.infer<typeof histogram>): [number, string][] {
  return [count, sum, ...buckets.flatMap((bucket) => bucket.map(String))].map((text) => [time, text]);
}

function close(a: string, b: string): boolean {
  if (a === b) return true;
  const x = Number(a);
  const y = Number(b);
  return Math.abs(x - y) <= RELATIVE * Math.max(Math.abs(x), Math.abs(y), 1e-3);
}
