/** The search parameters of the traces page: which spans a trace must have, and what of the answer is looked at. */
export interface TracesSearch {
  readonly service?: string | undefined;
  readonly operation?: string | undefined;
  /** `key=value` of a span or its resource, each. */
  readonly tag?: readonly string[] | undefined;
  /** Durations of a span, such as `100ms` or `1.5s`. */
  readonly min?: string | undefined;
  readonly max?: string | undefined;
  readonly error?: true | undefined;
  /** The slowest come first, instead of the newest. */
  readonly sort?: 'slowest' | undefined;
  /** A part of the plot: from and to in ms since 1970, least and greatest duration in ns. */
  readonly sel?: readonly [number, number, number, number] | undefined;
}

const MAX_TAGS = 20;
const MAX_LENGTH = 2000;

function textOf(value: unknown): string | undefined {
  // One that reads as a number arrives as one.
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' && text.length <= MAX_LENGTH ? text : undefined;
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
};

/** Nanoseconds of a duration such as `1.5s`, `100 ms` or `1m30s`; null when it is none. A number alone is in milliseconds. */
export function durationOf(text: string): number | null {
  const compact = text.trim().toLowerCase().replaceAll(/\s/g, '');
  if (/^\d+(\.\d+)?$/.test(compact)) return Number(compact) * 1e6;
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(compact)) return null;
  let sum = 0;
  for (const [, count, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g))
    sum += Number(count) * (UNITS[unit ?? ''] ?? 0);
  return sum;
}

/** A duration as the URL and the server write it, to the precision that a reader asks for. */
export function durationText(nanoseconds: number): string {
  const whole = Math.max(0, Math.round(nanoseconds));
  if (whole < 1000) return `${whole}ns`;
  const [unit, size] =
    whole < 1e6 ? (['us', 1e3] as const) : whole < 1e9 ? (['ms', 1e6] as const) : (['s', 1e9] as const);
  return `${Number((whole / size).toPrecision(4))}${unit}`;
}

function durationParam(value: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  const nanoseconds = durationOf(text);
  return nanoseconds === null || nanoseconds <= 0 ? undefined : durationText(nanoseconds);
}

function tagsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list
    .map(textOf)
    .filter((text) => text !== undefined)
    .filter((text) => text.indexOf('=') > 0)
    .slice(0, MAX_TAGS);
}

function selectionOf(value: unknown): TracesSearch['sel'] {
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  const list: readonly unknown[] = value;
  const [from, to, min, max] = list.map((one) =>
    typeof one === 'number' && Number.isFinite(one) ? one : -1,
  );
  if (from === undefined || to === undefined || min === undefined || max === undefined) return undefined;
  return from > 0 && to > from && min >= 0 && max > min ? [from, to, min, max] : undefined;
}

/** What is not valid is dropped, so that a bad link still opens. */
export function validateTracesSearch(search: Readonly<Record<string, unknown>>): TracesSearch {
  const service = textOf(search['service']);
  const operation = textOf(search['operation']);
  const tag = tagsOf(search['tag']);
  const min = durationParam(search['min']);
  const max = durationParam(search['max']);
  const sel = selectionOf(search['sel']);
  return {
    ...(service === undefined ? {} : { service }),
    ...(operation === undefined ? {} : { operation }),
    ...(tag.length === 0 ? {} : { tag }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(search['error'] === true ? { error: true } : {}),
    ...(search['sort'] === 'slowest' ? { sort: 'slowest' } : {}),
    ...(sel === undefined ? {} : { sel }),
  };
}
