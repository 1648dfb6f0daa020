import { StageError } from '../errors.ts';

/** An address as a number: 32 bits for version 4, 128 for version 6. */
interface Address {
  readonly version: 4 | 6;
  readonly value: bigint;
}

const V4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

function parseV4(text: string): bigint | undefined {
  const match = V4.exec(text);
  if (match === null) return undefined;
  let value = 0;
  for (const part of match.slice(1)) {
    if (Number(part) > 255 || (part.length > 1 && part.startsWith('0'))) return undefined;
    value = value * 256 + Number(part);
  }
  return BigInt(value);
}

function parseV6(text: string): bigint | undefined {
  if (!text.includes(':') || text.length > 45) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of [...head, ...Array.from({ length: missing }, () => 0), ...tail])
    value = (value << 16n) | BigInt(group);
  return value;
}

/** Groups of 16 bits; the last one may be written as an address of version 4. */
function groupsOf(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const embedded = last && index === parts.length - 1 ? parseV4(part) : undefined;
    if (embedded !== undefined) groups.push(Number(embedded >> 16n), Number(embedded & 0xffffn));
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function parseAddress(text: string): Address | undefined {
  const v4 = parseV4(text);
  if (v4 !== undefined) return { version: 4, value: v4 };
  const v6 = parseV6(text);
  return v6 === undefined ? undefined : { version: 6, value: v6 };
}

interface AddressRange {
  readonly version: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** `10.0.0.1`, `10.0.0.0/8` or `10.0.0.1-10.0.0.9`, of either version. */
function parseRange(pattern: string): AddressRange | undefined {
  const [left = '', right] = pattern.split('-');
  if (right !== undefined) {
    const [first, last] = [parseAddress(left.trim()), parseAddress(right.trim())];
    if (first === undefined || last === undefined || first.version !== last.version) return undefined;
    if (first.value > last.value || pattern.split('-').length > 2) return undefined;
    return { version: first.version, first: first.value, last: last.value };
  }
  const [base = '', prefix] = pattern.split('/');
  const address = parseAddress(base);
  if (address === undefined || pattern.split('/').length > 2) return undefined;
  const { version, value } = address;
  if (prefix === undefined) return { version, first: value, last: value };
  const size = version === 4 ? 32 : 128;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > size) return undefined;
  const host = (1n << BigInt(size - Number(prefix))) - 1n;
  return { version, first: value & ~host, last: value | host };
}

const V4_IN_TEXT = /(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?!\d|\.\d)/g;
const V6_IN_TEXT = /[0-9a-fA-F:.]+/g;
/** An address with its punctuation is shorter. */
const LONGEST_RUN = 60;

/** A test whether a text holds an address that the pattern means. */
export function compileIp(pattern: string): (text: string) => boolean {
  const range = parseRange(pattern);
  if (range === undefined) throw new StageError(`ip: invalid pattern (${JSON.stringify(pattern)})`);
  const { first, last } = range;
  const inside = (value: bigint | undefined): boolean =>
    value !== undefined && value >= first && value <= last;
  if (range.version === 4) {
    return (text) => {
      for (const [found] of text.matchAll(V4_IN_TEXT)) if (inside(parseV4(found))) return true;
      return false;
    };
  }
  return (text) => {
    if (!text.includes(':')) return false;
    for (const run of colonRuns(text)) if (inside(parseV6(run))) return true;
    return false;
  };
}

/** Stretches that may be an address of version 6, without the punctuation of the sentence around them. */
function colonRuns(text: string): readonly string[] {
  const runs: string[] = [];
  for (const [run] of text.matchAll(V6_IN_TEXT)) {
    if (run.length > LONGEST_RUN || !run.includes(':')) continue;
    const trimmed = run.replace(/^\.+/, '').replace(/\.+$/, '');
    runs.push(trimmed);
    if (/[^:]:$/.test(trimmed)) runs.push(trimmed.slice(0, -1));
  }
  return runs;
}
