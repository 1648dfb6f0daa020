import type { Arguments, Read, TemplateFunction, Value } from '@pharos/gotemplate';
import { fixed, parseGoFloat, TemplateError, variadic } from '@pharos/gotemplate';
import { parseByteSize } from '../text/byte-size.ts';
import { NS_PER_SECOND, parseGoDuration } from '../text/go-duration.ts';

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);

/** Any value as an integer: texts are read, fractions cut, what is no number is 0. */
function toInteger(value: Value): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number') return Number.isFinite(value) ? wrap(BigInt(Math.trunc(value))) : 0n;
  if (typeof value !== 'string') return 0n;
  const text = value.trim().replace(/\.0*$/, '');
  const match = /^([+-]?)(\d+|0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+)$/.exec(text);
  if (match === null || text.length > 30) return 0n;
  const [, sign, digits = '0'] = match;
  if (/^0\d/.test(digits) && !/^0[0-7]+$/.test(digits)) return 0n;
  const size = BigInt(/^0[0-7]+$/.test(digits) && digits !== '0' ? `0o${digits.slice(1) || '0'}` : digits);
  const signed = sign === '-' ? -size : size;
  return BigInt.asIntN(64, signed) === signed ? signed : 0n;
}

function toFloat(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return 0;
  const result = parseGoFloat(value.trim());
  return result.ok ? result.value : 0;
}

const integers = (args: Arguments): readonly bigint[] => args.values.map(toInteger);
const floats = (args: Arguments): readonly number[] => args.values.map(toFloat);

function divide(left: bigint, right: bigint, how: 'quotient' | 'rest'): bigint {
  if (right === 0n) throw new TemplateError('runtime error: integer divide by zero');
  return wrap(how === 'quotient' ? left / right : left % right);
}

/** A decimal number: digits times a power of ten. What the float functions compute with, so that 0.1 + 0.2 is 0.3. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

function decimalOf(value: number): Decimal {
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

function scaleTo({ digits, exponent }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to);
}

/** Digits behind the point of a quotient. */
const DIVISION_DIGITS = 16;

function calculate(op: '+' | '-' | '*' | '/', left: number, right: number): number {
  if (op === '/' && right === 0) throw new TemplateError('decimal division by 0');
  // Far apart or not finite: floats say it as well.
  const plain =
    op === '+' ? left + right : op === '-' ? left - right : op === '*' ? left * right : left / right;
  if (!Number.isFinite(plain) || !Number.isFinite(left) || !Number.isFinite(right)) return plain;
  const [a, b] = [decimalOf(left), decimalOf(right)];
  if (Math.abs(a.exponent - b.exponent) > 60) return plain;
  if (op === '*') return Number(`${a.digits * b.digits}e${a.exponent + b.exponent}`);
  if (op === '/') {
    const low = Math.min(a.exponent, b.exponent);
    const [over, under] = [scaleTo(a, low) * 10n ** BigInt(DIVISION_DIGITS + 1), scaleTo(b, low)];
    const quotient = over / under;
    const rounded = (quotient + (quotient < 0n ? -5n : 5n)) / 10n;
    return Number(`${rounded}e${-DIVISION_DIGITS}`);
  }
  const low = Math.min(a.exponent, b.exponent);
  const [x, y] = [scaleTo(a, low), scaleTo(b, low)];
  return Number(`${op === '+' ? x + y : x - y}e${low}`);
}

function folded(op: '+' | '-' | '*' | '/'): TemplateFunction {
  return variadic(1, (args) => {
    const [first = 0, ...others] = floats(args);
    return others.reduce((left, right) => calculate(op, left, right), first);
  });
}

/** Rounds half up at so many digits behind the point, or where the third argument says. */
function round(args: Arguments): number {
  const value = toFloat(args.at(0));
  const places = Number(toInteger(args.at(1)));
  const turn = args.count > 2 ? toFloat(args.at(2)) : 0.5;
  if (!Number.isFinite(value) || Math.abs(places) > 300) return value;
  const power = 10 ** places;
  const scaled = power * value;
  const rest = scaled - Math.trunc(scaled);
  return (rest >= turn ? Math.ceil(scaled) : Math.floor(scaled)) / power;
}

function reading(read: (text: string) => Read<number>, unit = 1): TemplateFunction {
  return fixed(1, (args) => {
    const result = read(args.text(0));
    if (!result.ok) throw new TemplateError(result.reason);
    return result.value / unit;
  });
}

const seconds = reading(parseGoDuration, NS_PER_SECOND);

/** Functions on numbers; labels are texts and are read as numbers. */
export const MATH_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  int: fixed(1, (args) => toInteger(args.at(0))),
  float64: fixed(1, (args) => toFloat(args.at(0))),
  add: variadic(0, (args) => integers(args).reduce((sum, value) => wrap(sum + value), 0n)),
  sub: fixed(2, (args) => wrap(toInteger(args.at(0)) - toInteger(args.at(1)))),
  mul: variadic(1, (args) => integers(args).reduce((product, value) => wrap(product * value), 1n)),
  div: fixed(2, (args) => divide(toInteger(args.at(0)), toInteger(args.at(1)), 'quotient')),
  mod: fixed(2, (args) => divide(toInteger(args.at(0)), toInteger(args.at(1)), 'rest')),
  addf: folded('+'),
  subf: folded('-'),
  mulf: folded('*'),
  divf: folded('/'),
  max: variadic(1, (args) => integers(args).reduce((best, value) => (value > best ? value : best))),
  min: variadic(1, (args) => integers(args).reduce((best, value) => (value < best ? value : best))),
  maxf: variadic(1, (args) => Math.max(...floats(args))),
  minf: variadic(1, (args) => Math.min(...floats(args))),
  ceil: fixed(1, (args) => Math.ceil(toFloat(args.at(0)))),
  floor: fixed(1, (args) => Math.floor(toFloat(args.at(0)))),
  round: variadic(2, round),
  bytes: reading(parseByteSize),
  duration: seconds,
  duration_seconds: seconds,
};
