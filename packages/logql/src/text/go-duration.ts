import type { Read } from '@pharos/gotemplate';
import { formatGoDuration } from '@pharos/gotemplate';
import { formatDuration, parseDuration as parsePromDuration, QueryError } from '@pharos/promql';
import { quote } from '@pharos/promql/vectors';

export const NS_PER_SECOND = 1e9;

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['μs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 6e10],
  ['h', 3.6e12],
]);

/** Go's time.Duration ends there. */
const MAX_NS = 2 ** 63;

/** A duration as Go's `time.ParseDuration` reads it, in ns (exact below 104 days); `reason` has Go's wording. */
export function parseGoDuration(text: string): Read<number> {
  const negative = text.startsWith('-');
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return { ok: true, value: 0 };
  if (rest === '') return invalid(text);
  let ns = 0;
  while (rest !== '') {
    const digits = /^\d*(?:\.\d*)?/.exec(rest)?.[0] ?? '';
    if (!/\d/.test(digits)) return invalid(text);
    rest = rest.slice(digits.length);
    const unit = /^[^.0-9]*/.exec(rest)?.[0] ?? '';
    if (unit === '') return { ok: false, reason: `time: missing unit in duration ${quote(text)}` };
    const size = UNITS.get(unit);
    if (size === undefined)
      return { ok: false, reason: `time: unknown unit ${quote(unit)} in duration ${quote(text)}` };
    ns += scaled(digits, size);
    rest = rest.slice(unit.length);
  }
  if (ns >= MAX_NS) return invalid(text);
  return { ok: true, value: negative && ns !== 0 ? -ns : ns };
}

function invalid(text: string): Read<number> {
  return { ok: false, reason: `time: invalid duration ${quote(text)}` };
}

/** Whole and fraction apart: `0.1s` is exactly 100,000,000 ns. */
function scaled(digits: string, size: number): number {
  const [whole = '', fraction = ''] = digits.split('.');
  const part = fraction === '' ? 0 : Math.trunc(Number((Number(`0.${fraction}`) * size).toPrecision(15)));
  return Number(whole === '' ? '0' : whole) * size + part;
}

/** A duration of a query: Go's, or Prometheus' with days, weeks and years. In ns. */
export function parseQueryDuration(text: string): Read<number> {
  const go = parseGoDuration(text);
  if (go.ok) return go;
  try {
    return { ok: true, value: parsePromDuration(text) * 1e6 };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { ok: false, reason: error.message };
  }
}

/** The shortest text that reads back the same: Prometheus' where whole milliseconds do, Go's otherwise. */
export function formatQueryDuration(ns: number): string {
  return ns % 1e6 === 0 ? formatDuration(ns / 1e6) : formatGoDuration(BigInt(Math.trunc(ns)));
}
