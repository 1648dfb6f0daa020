import { REDACTED, type RedactionRule } from './rule.ts';

const FEWEST_DIGITS = 13;
const MOST_DIGITS = 19;

/**
 * Card numbers (ISO/IEC 7812): 13 to 19 digits, alone or in groups by single blanks or hyphens, that begin as those of card schemes do
 * and pass the Luhn check. Digits within words, hexadecimal ids and longer numbers are left alone.
 */
export const cardRule: RedactionRule = {
  name: 'card',
  literals: [],
  mayMatch(bytes) {
    // What is as long as a card number covers every thirteenth place, so most bytes are not looked at.
    for (let probe = FEWEST_DIGITS - 1; probe < bytes.length; probe += FEWEST_DIGITS) {
      if (!isPart(bytes[probe])) continue;
      let at = probe;
      while (at > 0 && isPart(bytes[at - 1])) at--;
      let digits = 0;
      for (; at < bytes.length && isPart(bytes[at]); at++)
        if (isDigit(bytes[at]) && ++digits >= FEWEST_DIGITS) return true;
      probe = at;
    }
    return false;
  },
  apply(text) {
    let out = '';
    let kept = 0;
    let at = 0;
    while (at < text.length) {
      if (!isDigit(text.charCodeAt(at))) {
        at++;
        continue;
      }
      const end = runEnd(text, at);
      if (isCard(text, at, end)) {
        out += text.slice(kept, at) + REDACTED;
        kept = end;
      }
      at = end;
    }
    return kept === 0 ? text : out + text.slice(kept);
  },
};

/** The end of digits with single separators between them. */
function runEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    if (isDigit(text.charCodeAt(at))) at++;
    else if (isSeparator(text.charCodeAt(at)) && isDigit(text.charCodeAt(at + 1))) at++;
    else break;
  }
  return at;
}

function isCard(text: string, start: number, end: number): boolean {
  if (end - start < FEWEST_DIGITS || end - start > 2 * MOST_DIGITS) return false;
  if (isWordPart(text, start - 1, -1) || isWordPart(text, end, 1)) return false;
  const digits = text.slice(start, end).replaceAll(/[ -]/g, '');
  if (digits.length < FEWEST_DIGITS || digits.length > MOST_DIGITS) return false;
  return /^(?:4|5[0-8]|2[2-7]|3[04-9]|6)/.test(digits) && passesLuhn(digits);
}

/** ISO/IEC 7812-1, annex B. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 0x30;
    const doubled = digit * 2;
    sum += i % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const isSeparator = (code: number): boolean => code === 0x20 || code === 0x2d;
const isPart = (code: number): boolean => isDigit(code) || isSeparator(code);

/** Not a number by itself: part of a word, an id, a path, a decimal number (a dot alone ends a sentence). */
function isWordPart(text: string, at: number, step: 1 | -1): boolean {
  const code = text.charCodeAt(at);
  const lower = code | 0x20;
  if (code === 0x2e) return isDigit(text.charCodeAt(at + step));
  return (lower >= 0x61 && lower <= 0x7a) || code === 0x5f || code === 0x2f;
}
