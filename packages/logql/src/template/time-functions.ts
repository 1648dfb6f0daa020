import type { Arguments, CallContext, TemplateFunction } from './call.ts';
import { fixed } from './call.ts';
import { TemplateError } from './template-error.ts';
import type { GoTime } from './time.ts';
import { fieldsOf, formatTime, parseTime, ZERO_TIME, zoneOrUtc } from './time.ts';
import type { Value } from './values.ts';
import { isTime, typeName } from './values.ts';

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;

function nowOf({ now }: CallContext): GoTime {
  return { ns: BigInt(Math.trunc(now())) * NS_PER_MS, zone: 'UTC' };
}

/** Division towards the past, as Go's Unix does. */
function floor(ns: bigint, by: bigint): bigint {
  const quotient = ns / by;
  return ns < 0n && quotient * by !== ns ? quotient - 1n : quotient;
}

function dateOf(value: Value, context: CallContext): GoTime {
  if (isTime(value)) return value;
  if (typeof value === 'bigint') return { ns: value * NS_PER_SECOND, zone: 'UTC' };
  return nowOf(context);
}

/** How many ns one unit has, by how many digits an epoch is written with: days, s, ms, µs, ns. */
const EPOCH_UNITS: ReadonlyMap<number, bigint> = new Map([
  [5, 86_400n * NS_PER_SECOND],
  [10, NS_PER_SECOND],
  [13, NS_PER_MS],
  [16, 1000n],
  [19, 1n],
]);

function unixToTime(args: Arguments): GoTime {
  const text = args.text(0);
  const unit = EPOCH_UNITS.get(text.length);
  if (unit === undefined || !/^\d+$/.test(text))
    throw new TemplateError(`unable to parse time '${text}', expected 5, 10, 13, 16 or 19 digits`);
  return { ns: BigInt(text) * unit, zone: 'UTC' };
}

const METHODS: ReadonlyMap<string, (time: GoTime) => Value> = new Map<string, (time: GoTime) => Value>([
  ['Unix', ({ ns }) => floor(ns, NS_PER_SECOND)],
  ['UnixMilli', ({ ns }) => floor(ns, NS_PER_MS)],
  ['UnixMicro', ({ ns }) => floor(ns, 1000n)],
  ['UnixNano', ({ ns }) => ns],
  ['UTC', ({ ns }) => ({ ns, zone: 'UTC' })],
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

/** A method of Go's time.Time. */
export function timeMethod(time: GoTime, name: string, args: readonly Value[]): Value {
  if (name === 'Format') {
    const [layout] = args;
    if (typeof layout !== 'string' || args.length !== 1)
      throw new TemplateError(`wrong arguments for Format: expected a layout; got ${typeName(layout)}`);
    return formatTime(time, layout);
  }
  const method = METHODS.get(name);
  if (method === undefined || args.length > 0)
    throw new TemplateError(`can't evaluate field ${name} in type time.Time`);
  return method(time);
}

export const TIME_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  __line__: fixed(0, (_args, { entry }) => entry.line),
  __timestamp__: fixed(0, (_args, { entry }) => ({ ns: entry.timestamp, zone: 'UTC' })),
  now: fixed(0, (_args, context) => nowOf(context)),
  date: fixed(2, (args, context) => formatTime(dateOf(args.at(1), context), args.text(0))),
  toDate: fixed(2, (args) => parseTime(args.text(0), args.text(1), 'UTC') ?? ZERO_TIME),
  toDateInZone: fixed(
    3,
    (args) => parseTime(args.text(0), args.text(2), zoneOrUtc(args.text(1))) ?? ZERO_TIME,
  ),
  unixToTime: fixed(1, unixToTime),
  unixEpoch: fixed(1, (args) => String(floor(args.time(0).ns, NS_PER_SECOND))),
  unixEpochMillis: fixed(1, (args) => String(floor(args.time(0).ns, NS_PER_MS))),
  unixEpochNanos: fixed(1, (args) => String(args.time(0).ns)),
};
