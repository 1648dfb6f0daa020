import type { ServiceNames } from '../../../kernel/names.ts';
import { tracesErrors } from '../../errors.ts';
import type { TraceQuery } from '../../store/query.ts';
import { many, one, type RawQuery } from '../params.ts';
import { parseTraceId } from '../trace-id.ts';
import { goDuration } from './durations.ts';

/** What a search without times looks back over (compat 6.1). */
const DEFAULT_LOOKBACK_US = 48n * 3_600_000_000n;
const DEFAULT_LIMIT = 100;

interface SearchContext {
  readonly tenant: string;
  readonly now: number;
  readonly names: ServiceNames;
  /** Most traces of one answer. */
  readonly maxTraces: number;
}

/** The parameters of `GET /api/traces`, with Jaeger's words for what is wrong; the ids when traces are asked for by them. */
export function jaegerSearch(
  raw: RawQuery,
  { tenant, now, names, maxTraces }: SearchContext,
): { readonly ids: readonly string[] } | { readonly query: TraceQuery } {
  const ids = many(raw, 'traceID');
  const service = one(raw, 'service');
  if (ids.length > 0) return { ids: ids.slice(0, maxTraces).map(parseTraceId) };
  if (service === undefined) throw bad("parameter 'service' is required");
  const end = micros(raw, 'end') ?? BigInt(Math.floor(now)) * 1000n;
  const start = micros(raw, 'start') ?? end - DEFAULT_LOOKBACK_US;
  const minDuration = duration(raw, 'minDuration');
  const maxDuration = duration(raw, 'maxDuration');
  if (minDuration !== undefined && maxDuration !== undefined && maxDuration < minDuration)
    throw bad("'maxDuration' should be greater than 'minDuration'");
  const operation = one(raw, 'operation');
  const attributes = tagsOf(raw);
  return {
    query: {
      tenant,
      from: start < 0n ? 0n : start * 1000n,
      // The last microsecond belongs to the search.
      to: (end + 1n) * 1000n,
      limit: Math.min(limitOf(raw), maxTraces),
      services: [names.canonical(service)],
      ...(operation !== undefined && { operation }),
      ...(minDuration !== undefined && { minDuration }),
      ...(maxDuration !== undefined && { maxDuration }),
      ...(attributes.length > 0 && { attributes }),
    },
  };
}

function limitOf(raw: RawQuery): number {
  const text = one(raw, 'limit');
  if (text === undefined) return DEFAULT_LIMIT;
  if (!/^\d{1,9}$/.test(text))
    throw bad(
      `unable to parse param 'limit': ${JSON.stringify(text.slice(0, 40))}, expected a number of traces`,
    );
  return Number(text) === 0 ? DEFAULT_LIMIT : Number(text);
}

/** `tag=key:value`, repeated, and `tags={json}`. */
function tagsOf(raw: RawQuery): (readonly [string, string])[] {
  const tags: (readonly [string, string])[] = [];
  for (const text of many(raw, 'tag')) {
    const colon = text.indexOf(':');
    if (colon < 0)
      throw bad(`malformed 'tag' parameter, expecting key:value, received: ${text.slice(0, 100)}`);
    tags.push([text.slice(0, colon), text.slice(colon + 1)]);
  }
  for (const text of many(raw, 'tags')) tags.push(...jsonTags(text));
  return tags;
}

export function jsonTags(text: string): (readonly [string, string])[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw bad(
      `malformed 'tags' parameter, cannot unmarshal JSON: ${error instanceof Error ? error.message : ''}`,
    );
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw bad("malformed 'tags' parameter, expected a JSON object of texts");
  return Object.entries(json).map(([key, value]: [string, unknown]) => {
    if (typeof value === 'string') return [key, value];
    // Older clients send numbers and booleans as they are.
    if (typeof value === 'number' || typeof value === 'boolean') return [key, String(value)];
    throw bad(`malformed 'tags' parameter, the value of ${JSON.stringify(key)} is no text`);
  });
}

function micros(raw: RawQuery, name: string): bigint | undefined {
  const text = one(raw, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,16}$/.test(text))
    throw bad(
      `unable to parse param '${name}': ${JSON.stringify(text.slice(0, 40))}, expected microseconds since the epoch`,
    );
  return BigInt(text);
}

export function duration(raw: RawQuery, name: string): number | undefined {
  const text = one(raw, name);
  if (text === undefined) return undefined;
  const nanos = goDuration(text);
  if (nanos === null)
    throw bad(
      `unable to parse param '${name}': time: invalid duration ${JSON.stringify(text.slice(0, 40))}, expected such as 1.2s or 100ms`,
    );
  return nanos;
}

function bad(message: string) {
  return tracesErrors.make('badParameter', message);
}
