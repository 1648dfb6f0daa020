import { show, sprintf } from '@pharos/gotemplate';
import { timeOf } from './numbers.ts';

/** Four significant digits. */
function short(value: number): string {
  return sprintf('%.4g', [value]);
}

const LARGE = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const SMALL = ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y'];
const BINARY = ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'];

/** The number brought down to less than a step, with the prefix that says how often. */
function reduced(value: number, step: number, prefixes: readonly string[]): string {
  let left = value;
  let prefix = '';
  for (const next of prefixes) {
    if (Math.abs(left) < step) break;
    prefix = next;
    left /= step;
  }
  return short(left) + prefix;
}

/** The number brought up to 1 or more. */
function raised(value: number): string {
  let left = value;
  let prefix = '';
  for (const next of SMALL) {
    if (Math.abs(left) >= 1) break;
    prefix = next;
    left *= 1000;
  }
  return short(left) + prefix;
}

/** `1.235M`, `120m`. */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return short(value);
  return Math.abs(value) >= 1 ? reduced(value, 1000, LARGE) : raised(value);
}

/** `1.177Mi`. */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return short(value);
  return reduced(value, 1024, BINARY);
}

/** A ratio of 0.2 is `20%`. */
export function humanizePercentage(value: number): string {
  return `${short(value * 100)}%`;
}

/** Seconds as `1d 2h 3m 4s`, `12.35s`, `100ms`. */
export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return short(seconds);
  if (seconds === 0) return `${short(seconds)}s`;
  if (Math.abs(seconds) < 1) return `${raised(seconds)}s`;
  const sign = seconds < 0 ? '-' : '';
  const size = Math.abs(seconds);
  const whole = Math.trunc(size);
  const parts: readonly (readonly [count: number, unit: string])[] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count !== 0);
  if (first === parts.length - 1) return `${sign}${short(size)}s`;
  return (
    sign +
    parts
      .slice(first)
      .map(([count, unit]) => `${count}${unit}`)
      .join(' ')
  );
}

/** Seconds since the Unix epoch as `2026-01-02 03:04:05.678 +0000 UTC`. */
export function humanizeTimestamp(seconds: number): string {
  return Number.isFinite(seconds) ? show(timeOf(seconds)) : short(seconds);
}
