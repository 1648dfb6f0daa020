import { formatGeneral, quote } from '@pharos/promql/vectors';
import type { Value } from './values.ts';
import { isList, isMap, show, typeName } from './values.ts';

const VERB = /%([-+# 0]*)(\*|\d{1,4})?(?:\.(\*|\d{0,4}))?(.)?/gsu;

/** Widths and precisions beyond this would make more text than any line has. */
const MAX_WIDTH = 1000;

interface Verb {
  readonly flags: string;
  readonly width: number;
  /** -1 where none was given. */
  readonly precision: number;
  readonly char: string;
}

/** Go's `fmt.Sprintf`. What does not fit is shown in the text the way Go shows it. */
export function sprintf(format: string, args: readonly Value[]): string {
  let next = 0;
  const star = (text: string | undefined): number => {
    if (text !== '*') return text === undefined || text === '' ? (text === '' ? 0 : -1) : Number(text);
    const value = args[next++];
    return typeof value === 'bigint' ? Number(value) : -1;
  };
  const out = format.replace(
    VERB,
    (_whole, flags: string, width?: string, precision?: string, char?: string) => {
      if (char === undefined) return '%!(NOVERB)';
      if (char === '%') return '%';
      const verb: Verb = {
        flags,
        width: Math.min(star(width), MAX_WIDTH),
        precision: Math.min(star(precision), MAX_WIDTH),
        char,
      };
      if (next >= args.length) return `%!${char}(MISSING)`;
      return formatOne(verb, args[next++]);
    },
  );
  if (next >= args.length) return out;
  const extra = args
    .slice(next)
    .map((value) => (value === null ? '<nil>' : `${typeName(value)}=${show(value)}`));
  return `${out}%!(EXTRA ${extra.join(', ')})`;
}

function formatOne(verb: Verb, value: Value): string {
  const { char } = verb;
  if (char === 'T') return pad(verb, typeName(value));
  if (char === 'v')
    return typeof value === 'number' ? numeric(verb, formatGeneral(value)) : plainV(verb, value);
  if (isList(value)) return `[${value.map((item) => formatOne(verb, item)).join(' ')}]`;
  const text =
    typeof value === 'string'
      ? formatString(verb, value)
      : typeof value === 'bigint'
        ? formatInteger(verb, value)
        : typeof value === 'number'
          ? formatFloat(verb, value)
          : typeof value === 'boolean' && char === 't'
            ? pad(verb, String(value))
            : char === 's' && (isMap(value) || typeof value === 'object')
              ? pad(verb, show(value))
              : undefined;
  if (text !== undefined) return text;
  return value === null || value === undefined
    ? `%!${char}(<nil>)`
    : `%!${char}(${typeName(value)}=${show(value)})`;
}

function plainV(verb: Verb, value: Value): string {
  if (typeof value === 'bigint') return formatInteger({ ...verb, char: 'd' }, value) ?? '';
  if (typeof value === 'string' && verb.flags.includes('#')) return pad(verb, quote(value));
  return pad(verb, value === undefined ? '<nil>' : show(value));
}

function pad({ flags, width }: Verb, text: string): string {
  const missing = width - Array.from(text).length;
  if (missing <= 0) return text;
  return flags.includes('-') ? text + ' '.repeat(missing) : ' '.repeat(missing) + text;
}

function cut(precision: number, text: string): string {
  return precision < 0 ? text : Array.from(text).slice(0, precision).join('');
}

function formatString(verb: Verb, value: string): string | undefined {
  switch (verb.char) {
    case 's':
      return pad(verb, cut(verb.precision, value));
    case 'q':
      return pad(verb, quote(cut(verb.precision, value)));
    case 'x':
    case 'X': {
      const hex = [...new TextEncoder().encode(value)]
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join('');
      return pad(verb, verb.char === 'X' ? hex.toUpperCase() : hex);
    }
    default:
      return undefined;
  }
}

const BASES: ReadonlyMap<string, number> = new Map([
  ['d', 10],
  ['b', 2],
  ['o', 8],
  ['x', 16],
  ['X', 16],
]);

function formatInteger(verb: Verb, value: bigint): string | undefined {
  const { char, flags } = verb;
  const base = BASES.get(char);
  if (base === undefined) {
    const code = value >= 0n && value <= 0x10ffffn ? Number(value) : 0xfffd;
    if (char === 'c') return pad(verb, String.fromCodePoint(code));
    if (char === 'q') return pad(verb, `'${String.fromCodePoint(code)}'`);
    if (char === 'U') return pad(verb, `U+${code.toString(16).toUpperCase().padStart(4, '0')}`);
    return undefined;
  }
  let digits = (value < 0n ? -value : value).toString(base);
  if (char === 'X') digits = digits.toUpperCase();
  if (verb.precision > digits.length) digits = digits.padStart(verb.precision, '0');
  if (flags.includes('#') && base === 16) digits = `0${char}${digits}`;
  return numeric(verb, (value < 0n ? '-' : '') + digits);
}

function formatFloat(verb: Verb, value: number): string | undefined {
  const { char, precision } = verb;
  if (!/[eEfFgG]/.test(char)) return undefined;
  if (!Number.isFinite(value))
    return numeric({ ...verb, flags: verb.flags.replace('0', '') }, formatGeneral(value));
  const digits = Math.min(precision < 0 ? 6 : precision, 100);
  let text: string;
  if (char === 'f' || char === 'F') text = fixed(value, digits);
  else if (char === 'e' || char === 'E') text = goExponent(value.toExponential(digits));
  else text = precision < 0 ? formatGeneral(value) : general(value, Math.max(1, digits));
  if (Object.is(value, -0) && !text.startsWith('-')) text = `-${text}`;
  return numeric(verb, /[EG]/.test(char) ? text.toUpperCase() : text);
}

/** `toFixed` goes over to exponents from 1e21 on. */
function fixed(value: number, digits: number): string {
  if (Math.abs(value) < 1e21) return isTie(value, digits) ? halfToEven(value, digits) : value.toFixed(digits);
  return BigInt(value).toString() + (digits > 0 ? `.${'0'.repeat(digits)}` : '');
}

/** Whether a value lies exactly between two of so many digits: Go then takes the even one, `toFixed` the larger. */
function isTie(value: number, digits: number): boolean {
  const exact = Math.abs(value).toFixed(Math.min(100, digits + 30));
  return /^50*$/.test(exact.slice(exact.indexOf('.') + 1 + digits));
}

function halfToEven(value: number, digits: number): string {
  const up = value.toFixed(digits);
  if (/[02468]$/.test(up)) return up;
  // One less in the last place, towards zero.
  const [whole = '0', fraction = ''] = Math.abs(value)
    .toFixed(Math.min(100, digits + 1))
    .split('.');
  const cut = digits === 0 ? whole : `${whole}.${fraction.slice(0, digits)}`;
  return value < 0 ? `-${cut}` : cut;
}

/** `%.3g`: so many significant digits, an exponent below 1e-4 and where they do not reach. */
function general(value: number, digits: number): string {
  if (value === 0) return '0';
  const scientific = value.toExponential(Math.min(digits - 1, 100));
  const exponent = Number(scientific.slice(scientific.indexOf('e') + 1));
  if (exponent < -4 || exponent >= digits) return goExponent(scientific.replace(/\.?0+e/, 'e'));
  const plain = value.toFixed(Math.min(100, Math.max(0, digits - 1 - exponent)));
  return plain.includes('.') ? plain.replace(/\.?0+$/, '') : plain;
}

function goExponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Sign, zeros and width of a number. */
function numeric(verb: Verb, text: string): string {
  const { flags, width } = verb;
  let signed = text;
  if (!/^[+-]/.test(text))
    signed = flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text;
  else if (text.startsWith('+') && !flags.includes('+')) signed = text === '+Inf' ? text : text.slice(1);
  if (!flags.includes('0') || flags.includes('-') || signed.length >= width) return pad(verb, signed);
  const sign = /^[+\- ]/.exec(signed)?.[0] ?? '';
  return sign + signed.slice(sign.length).padStart(width - sign.length, '0');
}
