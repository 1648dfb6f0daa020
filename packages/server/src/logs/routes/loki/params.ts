import { type LogSelector, parseSelector, QueryError } from '@pharos/logql';
import { parseDuration } from '@pharos/promql';
import { FormParams } from '../../../http/form-params.ts';
import { logsErrors } from '../../errors.ts';
import { nanosOf, parseTime } from '../../time.ts';

const SECOND = 1_000_000_000n;
const HOUR = 3600n * SECOND;
const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Times that fit 64 bits of nanoseconds: 1678 to 2262. */
const NEWEST = 2n ** 63n - 1n;
/** A range query without `step` has about so many points. */
const DEFAULT_POINTS = 250;

export interface RangeParams {
  /** ns since the epoch. */
  readonly start: bigint;
  readonly end: bigint;
}

/** Parameters of a call of Loki's API, read as Loki reads them (compat LQ-1). */
export class LokiParams extends FormParams {
  query(): string {
    const query = this.text('query');
    if (query === '') throw bad('query', 'is missing, expected a LogQL expression');
    return query;
  }

  /** Float seconds, whole seconds of up to ten digits, nanoseconds, or RFC 3339; ns since the epoch. */
  time(name: string, fallback: bigint): bigint {
    const text = this.text(name);
    if (text === '') return fallback;
    const time = readTime(text);
    if (time === undefined || time > NEWEST || time < -NEWEST)
      throw bad(name, `${shown(text)} is no time, expected seconds, nanoseconds or RFC 3339`);
    return time;
  }

  /** From `start` (or `since` before the end, an hour) to `end` (now). */
  range(nowMs: number): RangeParams {
    const now = BigInt(Math.floor(nowMs)) * 1_000_000n;
    const end = this.time('end', now);
    const since = this.durationNs('since');
    const start = this.time('start', end - (since === undefined ? HOUR : BigInt(Math.round(since))));
    if (start > end) throw bad('end', 'end timestamp must not be before or equal to start time');
    return { start, end };
  }

  /** Float seconds, or a duration as `15000ms` or `1h30m`; ns. Undefined when absent. */
  durationNs(name: string): number | undefined {
    const text = this.text(name);
    if (text === '') return undefined;
    const ns = FLOAT.test(text) ? Number(text) * 1e9 : durationOf(text);
    if (ns === undefined || !(ns >= 0) || !Number.isSafeInteger(Math.round(ns)))
      throw bad(name, `${shown(text)} is no duration, expected seconds or a duration like 15s`);
    return Math.round(ns);
  }

  stepNs({ start, end }: RangeParams): number {
    const step = this.durationNs('step');
    if (step === 0)
      throw bad(
        'step',
        'zero or negative query resolution step widths are not accepted. Try a positive integer',
      );
    if (step !== undefined) return step;
    return Math.max(Math.floor(Number(end - start) / 1e9 / DEFAULT_POINTS), 1) * 1e9;
  }

  /** A positive whole number. */
  count(name: string, fallback: number, most = Number.POSITIVE_INFINITY): number {
    const text = this.text(name);
    if (text === '') return fallback;
    const count = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(count > 0)) throw bad(name, `${shown(text)} must be a positive value`);
    if (count > most) throw bad(name, `${count} is too many, expected at most ${most}`);
    return count;
  }

  direction(): 'forward' | 'backward' {
    const text = this.text('direction').toLowerCase();
    if (text === '' || text === 'backward') return 'backward';
    if (text === 'forward') return 'forward';
    throw bad('direction', `${shown(text)}, expected forward or backward`);
  }

  /** The matchers of a selector without stages; an absent one, or `{}`, is every stream. */
  matchers(name = 'query', text = this.text(name)): LogSelector['matchers'] {
    if (/^\s*(?:\{\s*\}\s*)?$/.test(text)) return [];
    try {
      return parseSelector(text);
    } catch (error) {
      if (error instanceof QueryError) throw logsErrors.make('badParameter', error.message, { cause: error });
      throw error;
    }
  }
}

function durationOf(text: string): number | undefined {
  try {
    return parseDuration(text) * 1e6;
  } catch {
    return undefined;
  }
}

function readTime(text: string): bigint | undefined {
  if (text.includes('.') && FLOAT.test(text)) {
    const ns = Math.round(Number(text) * 1e6) * 1e3;
    return Number.isFinite(ns) ? BigInt(Math.round(ns)) : undefined;
  }
  if (/^[+-]?\d{1,20}$/.test(text)) return text.length <= 10 ? BigInt(text) * SECOND : BigInt(text);
  const time = parseTime(text);
  return time === null ? undefined : nanosOf(time);
}

export function bad(name: string, problem: string) {
  return logsErrors.make('badParameter', `${name}: ${problem}`);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
