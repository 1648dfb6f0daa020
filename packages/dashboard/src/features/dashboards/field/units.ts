import type { Rounding } from '../../../ui/chart/axis.ts';
import { formatDuration, formatInstant, NO_VALUE, significant, type Zone } from '../../../ui/format.ts';

/** Units by the ids that dashboards of the field use; an id that is not known stands behind the number as it is. */

const THIN = '\u202f';
export interface Shown {
  readonly value: string;
  readonly unit: string;
}
type Formatter = (value: number, decimals: number | undefined, zone: Zone) => Shown;

function digits(value: number, decimals: number | undefined): string {
  return decimals === undefined ? significant(value) : value.toFixed(decimals);
}

function scaledBy(base: number, prefixes: readonly string[], unit: string, from = 0): Formatter {
  return (value, decimals) => {
    let size = value;
    let index = from;
    while (Math.abs(size) >= base && index < prefixes.length - 1) {
      size /= base;
      index++;
    }
    return { value: digits(size, decimals), unit: `${prefixes[index] ?? ''}${unit}` };
  };
}

const SI = ['', 'k', 'M', 'G', 'T', 'P'];
const IEC = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];
const si = (unit: string, from = 0): Formatter => scaledBy(1000, SI, unit, from);
const iec = (unit: string, from = 0): Formatter => scaledBy(1024, IEC, unit, from);
const plain =
  (unit: string, factor = 1): Formatter =>
  (value, decimals) => ({ value: digits(value * factor, decimals), unit });

/** Seconds and their parts; from two minutes on in minutes, hours, days. */
function duration(factor: number): Formatter {
  return (given, decimals) => {
    const value = given * factor;
    const size = Math.abs(value);
    if (size === 0) return { value: '0', unit: 's' };
    if (size < 1e-6) return { value: digits(value * 1e9, decimals), unit: 'ns' };
    if (size < 1e-3) return { value: digits(value * 1e6, decimals), unit: 'µs' };
    if (size < 1) return { value: digits(value * 1000, decimals), unit: 'ms' };
    if (size < 120) return { value: digits(value, decimals), unit: 's' };
    if (size < 7200) return { value: digits(value / 60, decimals), unit: 'min' };
    if (size < 172_800) return { value: digits(value / 3600, decimals), unit: 'h' };
    if (size < 365 * 86_400) return { value: digits(value / 86_400, decimals), unit: 'd' };
    return { value: digits(value / (365 * 86_400), decimals), unit: 'years' };
  };
}

const currency =
  (sign: string): Formatter =>
  (value, decimals) => {
    const shown = si('')(value, decimals ?? (Math.abs(value) >= 1000 ? undefined : 2), 'utc');
    return { value: `${sign}${shown.value}${shown.unit}`, unit: '' };
  };
const instant: Formatter = (value, _, zone) => ({ value: formatInstant(value, zone), unit: '' });

const UNITS: Readonly<Record<string, Formatter>> = {
  none: plain(''),
  short: si(''),
  sishort: si(''),
  locale: (value, decimals) => ({
    value: value.toLocaleString('en', { maximumFractionDigits: decimals ?? 3 }),
    unit: '',
  }),
  percent: plain('%'),
  percentunit: plain('%', 100),
  bytes: iec('B'),
  decbytes: si('B'),
  kbytes: iec('B', 1),
  deckbytes: si('B', 1),
  mbytes: iec('B', 2),
  decmbytes: si('B', 2),
  gbytes: iec('B', 3),
  decgbytes: si('B', 3),
  bits: iec('b'),
  decbits: si('b'),
  bps: si('b/s'),
  Bps: si('B/s'),
  binBps: iec('B/s'),
  binbps: iec('b/s'),
  KBs: si('B/s', 1),
  MBs: si('B/s', 2),
  pps: si('p/s'),
  ops: si('/s'),
  reqps: si('req/s'),
  rps: si('req/s'),
  wps: si('writes/s'),
  iops: si('io/s'),
  cps: si('/s'),
  eps: si('events/s'),
  mps: si('msg/s'),
  recps: si('rec/s'),
  rowsps: si('rows/s'),
  opm: si('/min'),
  rpm: si('/min'),
  wpm: si('/min'),
  cpm: si('/min'),
  reqpm: si('req/min'),
  hertz: si('Hz'),
  ns: duration(1e-9),
  µs: duration(1e-6),
  ms: duration(1e-3),
  s: duration(1),
  m: duration(60),
  h: duration(3600),
  d: duration(86_400),
  dtdurations: (value) => ({ value: formatDuration(value * 1000), unit: '' }),
  dtdurationms: (value) => ({ value: formatDuration(value), unit: '' }),
  clocks: (value) => ({ value: formatDuration(value * 1000), unit: '' }),
  clockms: (value) => ({ value: formatDuration(value), unit: '' }),
  dateTimeAsIso: instant,
  dateTimeAsUS: instant,
  dateTimeAsLocal: instant,
  dateTimeAsSystem: instant,
  dateTimeFromNow: instant,
  celsius: plain('°C'),
  fahrenheit: plain('°F'),
  kelvin: plain('K'),
  watt: si('W'),
  kwatt: si('W', 1),
  volt: si('V'),
  amp: si('A'),
  joule: si('J'),
  watth: si('Wh'),
  rotrpm: plain('rpm'),
  humidity: plain('%H'),
  decibel: plain('dB'),
  dBm: plain('dBm'),
  flops: si('FLOP/s'),
  hex: (value) => ({ value: Math.round(value).toString(16), unit: '' }),
  bool: (value) => ({ value: value === 0 ? 'false' : 'true', unit: '' }),
  bool_yes_no: (value) => ({ value: value === 0 ? 'no' : 'yes', unit: '' }),
  bool_on_off: (value) => ({ value: value === 0 ? 'off' : 'on', unit: '' }),
  currencyUSD: currency('$'),
  currencyEUR: currency('€'),
  currencyGBP: currency('£'),
};

/** Ids an editor offers, with words for them. */
export const UNIT_CHOICES: readonly { readonly value: string; readonly label: string }[] = [
  { value: 'short', label: 'Number (k, M, G)' },
  { value: 'none', label: 'Number, not shortened' },
  { value: 'percentunit', label: 'Percent (0.0 to 1.0)' },
  { value: 'percent', label: 'Percent (0 to 100)' },
  { value: 's', label: 'Seconds' },
  { value: 'ms', label: 'Milliseconds' },
  { value: 'bytes', label: 'Bytes (KiB, MiB)' },
  { value: 'decbytes', label: 'Bytes (kB, MB)' },
  { value: 'Bps', label: 'Bytes a second' },
  { value: 'bps', label: 'Bits a second' },
  { value: 'reqps', label: 'Requests a second' },
  { value: 'ops', label: 'Operations a second' },
  { value: 'iops', label: 'I/O operations a second' },
  { value: 'opm', label: 'Operations a minute' },
  { value: 'hertz', label: 'Hertz' },
  { value: 'celsius', label: 'Degrees Celsius' },
  { value: 'dateTimeAsIso', label: 'Date and time (from ms)' },
  { value: 'currencyUSD', label: 'US dollars' },
  { value: 'currencyEUR', label: 'Euros' },
];

const BINARY_UNITS: ReadonlySet<string> = new Set([
  'bytes',
  'kbytes',
  'mbytes',
  'gbytes',
  'bits',
  'binBps',
  'binbps',
]);

/** What is a round step in the unit. */
export function roundingOf(unit: string | undefined): Rounding {
  if (unit === 's') return 'seconds';
  return BINARY_UNITS.has(unit ?? '') ? 'binary' : 'decimal';
}

/** A value in its unit, split so that the unit can stand quieter. */
export function formatParts(
  value: number | null | undefined,
  unit: string | undefined,
  decimals?: number,
  zone: Zone = 'local',
): Shown {
  if (value == null || Number.isNaN(value)) return { value: NO_VALUE, unit: '' };
  if (!Number.isFinite(value)) return { value: value > 0 ? '∞' : '−∞', unit: '' };
  const known = UNITS[unit ?? 'short'];
  if (known !== undefined && Object.hasOwn(UNITS, unit ?? 'short')) return known(value, decimals, zone);
  const named = unit ?? '';
  if (named.startsWith('prefix:')) return { value: `${named.slice(7)}${digits(value, decimals)}`, unit: '' };
  if (named.startsWith('si:')) return si(named.slice(3))(value, decimals, zone);
  if (/^currency:?/.test(named)) return currency('')(value, decimals, zone);
  return plain(named.replace(/^suffix:/, ''))(value, decimals, zone);
}

export function formatUnit(
  value: number | null | undefined,
  unit: string | undefined,
  decimals?: number,
  zone: Zone = 'local',
): string {
  const shown = formatParts(value, unit, decimals, zone);
  return shown.unit === '' ? shown.value : `${shown.value}${THIN}${shown.unit}`;
}
