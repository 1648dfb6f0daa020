import { clip, KEPT } from '../limits.ts';
import { isLoose, type Loose } from './lenient.ts';

const SECRET =
  /pass(?:word|wd|phrase)?$|secret|token|authorization|cookie|api[-_]?key|private[-_]?key|credential|^auth$|session[-_]?id|^ssn$|cvv|card[-_]?number/i;
const DEEP = 8;

/** A value from outside as JSON text: what secrets are called is masked, it is not deep, and it is cut to size. */
function maskedJson(value: unknown): string {
  return clip(JSON.stringify(masked(value, 0)) ?? 'null', KEPT.contextValue);
}

function masked(value: unknown, depth: number): unknown {
  if (depth > DEEP) return '…';
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => masked(item, depth + 1));
  if (!isLoose(value)) return typeof value === 'string' ? clip(value, KEPT.contextValue) : value;
  const entries = Object.entries(value).slice(0, 100);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, SECRET.test(key) ? '***' : masked(item, depth + 1)]),
  );
}

/** Pairs of texts, such as tags: what secrets are called is masked. */
export function maskedPairs(pairs: readonly (readonly [string, string])[]): [string, string][] {
  return pairs.map(([key, value]) => [key, SECRET.test(key) ? '***' : value]);
}

/** The entries of some objects, masked, as they are kept with an event. */
export function contextOf(...objects: readonly Loose[]): [string, string][] {
  return objects
    .flatMap((object) => Object.entries(object))
    .slice(0, KEPT.contexts)
    .map(([key, value]) => [clip(key, KEPT.name), SECRET.test(key) ? '"***"' : maskedJson(value)]);
}
