import { type Matcher, parseDuration, parseSelector, QueryError } from '@pharos/promql';
import { FormParams } from '../../http/form-params.ts';
import { badParameter } from './prometheus-errors.ts';

/** Open ends of the label APIs: the years Prometheus itself uses do not fit our Date type. */
const OLDEST_MS = 0;
const NEWEST_MS = 65_535 * 86_400_000;

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;
const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Parameters of a Prometheus call. */
export class Params extends FormParams {
  /** A time in ms; `fallback` when absent. */
  time(name: string, fallback?: number): number {
    const text = this.text(name);
    if (text === '' && fallback !== undefined) return fallback;
    const ms = readTime(text);
    if (ms !== undefined) return ms;
    const problem = `cannot parse ${JSON.stringify(text)} to a valid timestamp`;
    // Prometheus words a parameter that may be left out in its own way.
    throw badParameter(
      name,
      fallback === undefined ? problem : `Invalid time value for '${name}': ${problem}`,
    );
  }

  /** A duration in ms; undefined when absent. */
  duration(name: string): number | undefined {
    const text = this.text(name);
    return text === '' ? undefined : this.requiredDuration(name);
  }

  requiredDuration(name: string): number {
    const text = this.text(name);
    const ms = readDurationMs(text);
    if (ms === undefined)
      throw badParameter(name, `cannot parse ${JSON.stringify(text)} to a valid duration`);
    return ms;
  }

  /** How many items at most; 0 means all. */
  limit(name = 'limit'): number {
    const text = this.text(name);
    if (text === '') return 0;
    if (!/^[+-]?\d{1,15}$/.test(text))
      throw badParameter(name, `cannot parse ${JSON.stringify(text)} as a whole number`);
    const limit = Number(text);
    if (limit < 0) throw badParameter(name, 'limit must be non-negative');
    return limit;
  }

  /** A truth value as Go's `strconv.ParseBool` reads it. */
  flag(name: string, fallback: boolean): boolean {
    const text = this.text(name);
    if (text === '') return fallback;
    if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
    if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
    throw badParameter(name, `cannot parse ${JSON.stringify(text)} as true or false`);
  }

  /** One selector. */
  selector(name: string): readonly Matcher[] {
    return selectorOf(name, this.text(name));
  }

  /** The `match[]` selectors; the parser refuses one that could match everything (PQ-7). */
  matcherSets(): readonly (readonly Matcher[])[] {
    return this.all('match[]').map((text) => selectorOf('match[]', text));
  }

  /** The window of a label question; open ends cover everything. */
  window(): { start: number; end: number } {
    return {
      start: Math.max(OLDEST_MS, this.time('start', OLDEST_MS)),
      end: Math.min(NEWEST_MS, this.time('end', NEWEST_MS)),
    };
  }
}

/** Label matchers of a selector text, or the parameter's error. */
function selectorOf(parameter: string, text: string): readonly Matcher[] {
  try {
    return parseSelector(text);
  } catch (error) {
    if (error instanceof QueryError) throw badParameter(parameter, error.message, { cause: error });
    throw error;
  }
}

/** Float seconds (rounded to ms) or RFC 3339, as ms (PQ-1). */
function readTime(text: string): number | undefined {
  if (FLOAT.test(text)) {
    const ms = Math.round(Number(text) * 1000);
    return Number.isSafeInteger(ms) ? ms : undefined;
  }
  if (!RFC3339.test(text)) return undefined;
  // Date knows milliseconds; further digits are cut.
  const ms = Date.parse(text.replace(/(\.\d{3})\d+/, '$1').toUpperCase());
  return Number.isNaN(ms) ? undefined : ms;
}

/** Float seconds or `1h30m`, as ms. */
function readDurationMs(text: string): number | undefined {
  if (FLOAT.test(text)) {
    const ms = Math.round(Number(text) * 1000);
    return Number.isSafeInteger(ms) ? ms : undefined;
  }
  try {
    return parseDuration(text);
  } catch {
    return undefined;
  }
}

/** A label name in a path: `U__metric_2e_name` spells UTF-8 (PQ-7); anything else, broken spellings too, stands for itself. */
export function labelNameOf(text: string): string {
  return text.startsWith('U__') ? (unescapeName(text.slice(3)) ?? text) : text;
}

function unescapeName(escaped: string): string | undefined {
  let broken = false;
  const name = escaped.replace(/_(?:_|([0-9a-fA-F]{1,6})_)?/g, (match, hex: string | undefined) => {
    if (match === '__') return '_';
    const code = hex === undefined ? Number.NaN : Number.parseInt(hex, 16);
    if (!(code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) {
      broken = true;
      return '';
    }
    return String.fromCodePoint(code);
  });
  return broken ? undefined : name;
}
