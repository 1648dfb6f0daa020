import type { Read } from '@pharos/gotemplate';
import { parseGoFloat } from '@pharos/gotemplate';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['b', 1],
  ...['k', 'm', 'g', 't', 'p', 'e'].flatMap((letter, index): [string, number][] => [
    [letter, 1000 ** (index + 1)],
    [`${letter}b`, 1000 ** (index + 1)],
    [`${letter}i`, 1024 ** (index + 1)],
    [`${letter}ib`, 1024 ** (index + 1)],
  ]),
]);

/** A size in bytes, `3MB`, `1.5 KiB`, `42`; units in any case, KB is 1000 and KiB 1024. Reasons as users of Loki know them. */
export function parseByteSize(text: string): Read<number> {
  const digits = /^[0-9.,]*/.exec(text)?.[0] ?? '';
  const number = parseGoFloat(digits.replaceAll(',', ''));
  if (!number.ok) return number;
  const unit = text.slice(digits.length).trim().toLowerCase();
  const size = UNITS.get(unit);
  if (size === undefined) return { ok: false, reason: `unhandled size name: ${unit}` };
  const bytes = number.value * size;
  if (bytes >= 2 ** 64) return { ok: false, reason: `too large: ${text}` };
  return { ok: true, value: Math.trunc(bytes) };
}

const PRINTED: readonly (readonly [unit: string, bytes: number])[] = [
  ['PiB', 1024 ** 5],
  ['PB', 1000 ** 5],
  ['TiB', 1024 ** 4],
  ['TB', 1000 ** 4],
  ['GiB', 1024 ** 3],
  ['GB', 1000 ** 3],
  ['MiB', 1024 ** 2],
  ['MB', 1000 ** 2],
  ['KiB', 1024],
  ['KB', 1000],
];

/** The shortest exact text of a size in bytes that reads back the same. */
export function formatByteSize(bytes: number): string {
  for (const [unit, size] of PRINTED)
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  return `${bytes}B`;
}
