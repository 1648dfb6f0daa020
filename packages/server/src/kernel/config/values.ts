import { z } from 'zod';

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};
const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const ORDER = ['y', 'w', 'd', 'h', 'm', 's', 'ms'] as const;

/** Milliseconds of a Prometheus duration such as `15s` or `1h30m`; undefined when it is none. */
export function durationMs(text: string): number | undefined {
  if (text === '0') return 0;
  const match = text === '' ? null : DURATION.exec(text);
  if (match === null) return undefined;
  return ORDER.reduce((sum, unit, i) => sum + Number(match[i + 1] ?? 0) * (UNIT_MS[unit] ?? 0), 0);
}

/** A Prometheus duration in the file, milliseconds in the program. */
export const duration = z.string().transform((text, context) => {
  const ms = durationMs(text);
  if (ms !== undefined) return ms;
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a duration; write it like 15s, 5m or 1h30m`,
  });
  return z.NEVER;
});

const BYTES = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)?$/;
const BYTE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 2 ** 10,
  MB: 2 ** 20,
  GB: 2 ** 30,
  TB: 2 ** 40,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Bytes of a size such as `512MB` (units are powers of 1024, as in Prometheus); undefined when it is none. */
function byteSize(text: string): number | undefined {
  const match = BYTES.exec(text.trim());
  return match === null ? undefined : Math.round(Number(match[1]) * (BYTE_UNITS[match[2] ?? 'B'] ?? 1));
}

/** A size in the file (`512MB` or a number of bytes), bytes in the program. */
export const size = z.union([z.number().int().nonnegative(), z.string()]).transform((value, context) => {
  const bytes = typeof value === 'number' ? value : byteSize(value);
  if (bytes !== undefined) return bytes;
  context.addIssue({ code: 'custom', message: `"${value}" is not a size; write it like 512MB or 2GB` });
  return z.NEVER;
});

/** A size of at least so many bytes. */
export const sizeFrom = (least: number) =>
  size.refine((bytes) => bytes >= least, { message: `expected a size of at least ${least} bytes` });
