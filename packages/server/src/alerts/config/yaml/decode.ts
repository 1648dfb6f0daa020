import { isAbsolute, join } from 'node:path';
import { suggest } from '../../../kernel/config/suggest.ts';
import { durationMs } from '../../../kernel/config/values.ts';
import type { Place } from './place.ts';

/** Reads a value; undefined after it was refused. Scalars are read as Go's YAML reads them, so that files work as they are. */
export type Decoder<T> = (place: Place) => T | undefined;

/** Any scalar: `match: { code: 500 }` means the text 500. */
export const text: Decoder<string> = (place) => place.text ?? place.refuse('expected a text');

/** What stands for a secret in a configuration that was shown; amtool hands such a one back. */
export const SECRET = '<secret>';

/** A text that is never shown. */
export const secret: Decoder<string> = (place) => {
  place.hide(SECRET);
  return text(place);
};

/** A path; a relative one begins where the file lies. */
export const filePath: Decoder<string> = (place) => {
  const path = text(place);
  const { directory } = place.file;
  return path === undefined || path === '' || directory === null || isAbsolute(path)
    ? path
    : join(directory, path);
};

const TRUE: ReadonlySet<string> = new Set([
  'y',
  'Y',
  'yes',
  'Yes',
  'YES',
  'true',
  'True',
  'TRUE',
  'on',
  'On',
  'ON',
]);
const FALSE: ReadonlySet<string> = new Set([
  'n',
  'N',
  'no',
  'No',
  'NO',
  'false',
  'False',
  'FALSE',
  'off',
  'Off',
  'OFF',
]);

export const flag: Decoder<boolean> = (place) => {
  const word = place.isPlain ? (place.text ?? '') : '';
  if (TRUE.has(word)) return true;
  if (FALSE.has(word)) return false;
  return place.refuse(`${shown(place)} is not true or false`);
};

export const integer: Decoder<number> = (place) => {
  const word = place.isPlain ? (place.text ?? '') : '';
  const value = /^[-+]?(?:\d[\d_]*|0x[\da-fA-F]+)$/.test(word)
    ? Number(word.replaceAll('_', ''))
    : Number.NaN;
  return Number.isSafeInteger(value) ? value : place.refuse(`${shown(place)} is not a whole number`);
};

/** Milliseconds of a Prometheus duration such as `5m`. */
export const duration: Decoder<number> = (place) => {
  const word = place.text;
  if (word === '') return place.refuse('empty duration string; write it like 15s, 5m or 1h30m');
  const ms = word === null ? undefined : durationMs(word);
  return ms ?? place.refuse(`not a valid duration string: ${shown(place)}; write it like 15s, 5m or 1h30m`);
};

const GO_UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const GO_DURATION = /^[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/;

/** Milliseconds of a Go duration such as `1.5h`. */
export const goDuration: Decoder<number> = (place) => {
  const word = place.text ?? '';
  if (word === '0') return 0;
  if (!GO_DURATION.test(word))
    return place.refuse(`invalid duration ${shown(place)}; write it like 10s or 1m30s`);
  let ms = 0;
  for (const [, amount, unit] of word.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g))
    ms += Number(amount) * (GO_UNIT_MS[unit ?? ''] ?? 0);
  return word.startsWith('-') ? -ms : ms;
};

export const listOf =
  <T>(item: Decoder<T>): Decoder<readonly T[]> =>
  (place) => {
    const items = place.items();
    if (items === null) return place.refuse('expected a list');
    return items.flatMap((one) => {
      const value = item(one);
      return value === undefined ? [] : [value];
    });
  };

/** Names are the user's own. */
export const mapOf =
  <T>(value: Decoder<T>): Decoder<ReadonlyMap<string, T>> =>
  (place) => {
    const entries = place.entries();
    if (entries === null) return place.refuse('expected a mapping');
    const result = new Map<string, T>();
    for (const [name, entry] of entries) {
      const read = value(entry);
      if (read !== undefined) result.set(name, read);
    }
    return result;
  };

/** What nobody looks into, kept for files that have it. */
export const anything: Decoder<true> = () => true;

export type Fields = Readonly<Record<string, Decoder<unknown>>>;
type Decoded<D> = D extends Decoder<infer T> ? T : never;

/** A mapping with names that are known. A name without a value is as if it was not there. */
export type Struct<F extends Fields> = { readonly [K in keyof F]?: Decoded<F[K]> } & {
  /** Where it stands, to say what is wrong with it. */
  readonly place: Place;
};

export const struct =
  <F extends Fields>(fields: F): Decoder<Struct<F>> =>
  (place) => {
    const entries = place.entries();
    if (entries === null) return place.refuse('expected a mapping');
    const result: Record<string, unknown> = { place };
    for (const [name, entry] of entries) {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (field === undefined) entry.refuse(unknownName(name, Object.keys(fields)));
      else if (!entry.isNull) {
        const value = field(entry);
        if (value !== undefined) result[name] = value;
      }
    }
    return result as Struct<F>; // oxlint-disable-line typescript/no-unsafe-type-assertion -- each field's own decoder just produced its value
  };

function unknownName(name: string, known: readonly string[]): string {
  const near = suggest(name, known);
  return `unknown field "${name}"; ${near === undefined ? `known here: ${known.join(', ')}` : `did you mean "${near}"?`}`;
}

function shown(place: Place): string {
  return place.text === null ? 'what stands here' : JSON.stringify(place.text);
}

/** Whether something was written: in Alertmanager an empty text is as none. */
export function given<T>(value: T | undefined): value is T {
  return value !== undefined && value !== '';
}

/** Refuses two ways to say the same. */
export function atMostOne(place: Place, values: Readonly<Record<string, unknown>>): void {
  if (Object.values(values).filter(given).length > 1)
    place.refuse(`at most one of ${Object.keys(values).join(' & ')} must be configured`);
}
