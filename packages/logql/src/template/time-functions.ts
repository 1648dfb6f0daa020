import type { Arguments, GoTime, TemplateFunction, Value } from '@pharos/gotemplate';
import {
  fixed,
  floorDiv,
  formatTime,
  isTime,
  parseTime,
  TemplateError,
  ZERO_TIME,
  zoneOrUtc,
} from '@pharos/gotemplate';
import type { LogContext } from './log-context.ts';

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;

function nowOf({ now }: LogContext): GoTime {
  return { ns: BigInt(Math.trunc(now())) * NS_PER_MS, zone: 'UTC' };
}

function dateOf(value: Value, context: LogContext): GoTime {
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

export const TIME_FUNCTIONS: Readonly<Record<string, TemplateFunction<LogContext>>> = {
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
  unixEpoch: fixed(1, (args) => String(floorDiv(args.time(0).ns, NS_PER_SECOND))),
  unixEpochMillis: fixed(1, (args) => String(floorDiv(args.time(0).ns, NS_PER_MS))),
  unixEpochNanos: fixed(1, (args) => String(args.time(0).ns)),
};
