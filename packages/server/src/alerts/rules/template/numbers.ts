import {
  bare,
  GoDuration,
  type GoTime,
  parseGoFloat,
  TemplateError,
  typeName,
  type Value,
} from '@pharos/gotemplate';
import { formatGeneral } from '@pharos/promql/vectors';

/** A number, or a text or duration that says one. */
export function numberOf(given: Value): number {
  const value = bare(given);
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof GoDuration) return value.seconds;
  if (typeof value !== 'string') throw new TemplateError(`can't convert ${typeName(given)} to float`);
  const read = parseGoFloat(value);
  if (!read.ok) throw new TemplateError(read.reason);
  return read.value;
}

/** Seconds since the Unix epoch as a time, to the millisecond as all of Prometheus' times. */
export function timeOf(seconds: number): GoTime {
  if (!Number.isFinite(seconds)) throw new TemplateError('value is NaN or Inf');
  const ns = seconds * 1e9;
  if (ns > 2 ** 63 || ns < -(2 ** 63))
    throw new TemplateError(
      `${formatGeneral(seconds)} cannot be represented as a nanoseconds timestamp since it overflows int64`,
    );
  return { ns: (BigInt(Math.trunc(ns)) / 1_000_000n) * 1_000_000n, zone: 'UTC' };
}

export function durationOf(seconds: number): GoDuration {
  return GoDuration.ofSeconds(seconds);
}
