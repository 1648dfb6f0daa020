import { GoDuration } from './duration.ts';
import { TemplateError } from './template-error.ts';
import type { GoTime } from './time.ts';
import { fieldsOf, floorDiv, formatTime, ZERO_TIME, zoneOrUtc } from './time.ts';
import type { Value } from './values.ts';
import { isTime, show, typeName } from './values.ts';

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;

const TIME_METHODS: ReadonlyMap<string, (time: GoTime) => Value> = new Map<string, (time: GoTime) => Value>([
  ['Unix', ({ ns }) => floorDiv(ns, NS_PER_SECOND)],
  ['UnixMilli', ({ ns }) => floorDiv(ns, NS_PER_MS)],
  ['UnixMicro', ({ ns }) => floorDiv(ns, 1000n)],
  ['UnixNano', ({ ns }) => ns],
  ['UTC', ({ ns }) => ({ ns, zone: 'UTC' })],
  ['Local', ({ ns }) => ({ ns, zone: 'UTC' })],
  ['IsZero', ({ ns }) => ns === ZERO_TIME.ns],
  ['String', (time) => show(time)],
  ['Year', (time) => BigInt(fieldsOf(time).year)],
  ['Day', (time) => BigInt(fieldsOf(time).day)],
  ['YearDay', (time) => BigInt(fieldsOf(time).yearDay)],
  ['Hour', (time) => BigInt(fieldsOf(time).hour)],
  ['Minute', (time) => BigInt(fieldsOf(time).minute)],
  ['Second', (time) => BigInt(fieldsOf(time).second)],
  ['Nanosecond', (time) => BigInt(fieldsOf(time).nanosecond)],
  ['Month', (time) => formatTime(time, 'January')],
  ['Weekday', (time) => formatTime(time, 'Monday')],
]);

const TIME_METHODS_OF_ONE: ReadonlyMap<string, (time: GoTime, argument: Value) => Value | undefined> =
  new Map<string, (time: GoTime, argument: Value) => Value | undefined>([
    ['Format', (time, layout) => (typeof layout === 'string' ? formatTime(time, layout) : undefined)],
    ['Sub', ({ ns }, other) => (isTime(other) ? new GoDuration(ns - other.ns) : undefined)],
    ['Add', ({ ns, zone }, by) => (by instanceof GoDuration ? { ns: ns + by.nanoseconds, zone } : undefined)],
    ['Before', ({ ns }, other) => (isTime(other) ? ns < other.ns : undefined)],
    ['After', ({ ns }, other) => (isTime(other) ? ns > other.ns : undefined)],
    ['Equal', ({ ns }, other) => (isTime(other) ? ns === other.ns : undefined)],
    ['In', ({ ns }, zone) => (typeof zone === 'string' ? { ns, zone: zoneOrUtc(zone) } : undefined)],
  ]);

/** A method of Go's time.Time. */
export function timeMethod(time: GoTime, name: string, args: readonly Value[]): Value {
  const ofOne = TIME_METHODS_OF_ONE.get(name);
  if (ofOne !== undefined) {
    const result = args.length === 1 ? ofOne(time, args[0]) : undefined;
    if (result === undefined)
      throw new TemplateError(`wrong arguments for ${name}: got ${args.map(typeName).join(', ') || 'none'}`);
    return result;
  }
  const method = TIME_METHODS.get(name);
  if (method === undefined || args.length > 0)
    throw new TemplateError(`can't evaluate field ${name} in type time.Time`);
  return method(time);
}

const DURATION_METHODS: ReadonlyMap<string, (duration: GoDuration) => Value> = new Map<
  string,
  (duration: GoDuration) => Value
>([
  ['Hours', ({ seconds }) => seconds / 3600],
  ['Minutes', ({ seconds }) => seconds / 60],
  ['Seconds', ({ seconds }) => seconds],
  ['Milliseconds', ({ nanoseconds }) => nanoseconds / NS_PER_MS],
  ['Microseconds', ({ nanoseconds }) => nanoseconds / 1000n],
  ['Nanoseconds', ({ nanoseconds }) => nanoseconds],
  ['Abs', ({ nanoseconds }) => new GoDuration(nanoseconds < 0n ? -nanoseconds : nanoseconds)],
  ['String', (duration) => show(duration)],
]);

/** A method of Go's time.Duration. */
export function durationMethod(duration: GoDuration, name: string, args: readonly Value[]): Value {
  const method = DURATION_METHODS.get(name);
  if (method === undefined || args.length > 0)
    throw new TemplateError(`can't evaluate field ${name} in type time.Duration`);
  return method(duration);
}
