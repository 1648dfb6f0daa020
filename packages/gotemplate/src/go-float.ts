import { quote } from '@pharos/promql/vectors';

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

// No two parts of these can take the same digits: values are as long as lines, and come from outside.
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const HEX = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?\d{1,6})$/;
const WORD = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i;
/** Underscores stand only between digits, or right after the prefix of a base. */
const MISPLACED = /(?:^|[^0-9a-fA-FxX])_|_(?:[^0-9a-fA-F]|$)/;

/** A float as Go's `strconv.ParseFloat` reads it; `reason` has Go's wording, which users see in `__error_details__`. */
export function parseGoFloat(text: string): Read<number> {
  const plain = text.includes('_') && !MISPLACED.test(text) ? text.replaceAll('_', '') : text;
  if (DECIMAL.test(plain)) {
    const value = Number(plain);
    return Number.isFinite(value) ? { ok: true, value } : refuse(text, 'value out of range');
  }
  const word = WORD.exec(text);
  if (word !== null) {
    if (word[2] === undefined)
      return word[1] === '' ? { ok: true, value: Number.NaN } : refuse(text, 'invalid syntax');
    return { ok: true, value: word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY };
  }
  const hex = HEX.exec(plain);
  if (hex !== null) {
    const [, sign, whole = '', fraction = '', exponent] = hex;
    const digits = whole + fraction;
    if (digits !== '' && digits.length < 250) {
      const size = Number.parseInt(digits, 16) * 2 ** (Number(exponent) - 4 * fraction.length);
      if (Number.isFinite(size)) return { ok: true, value: sign === '-' ? -size : size };
      return refuse(text, 'value out of range');
    }
  }
  return refuse(text, 'invalid syntax');
}

function refuse(text: string, why: string): Read<number> {
  return { ok: false, reason: `strconv.ParseFloat: parsing ${quote(text)}: ${why}` };
}
