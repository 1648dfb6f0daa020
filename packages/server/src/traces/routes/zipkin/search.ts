import type { ServiceNames } from '../../../kernel/names.ts';
import { tracesErrors } from '../../errors.ts';
import { readEvents } from '../../events.ts';
import { STATUS } from '../../sink.ts';
import type { TraceQuery } from '../../store/query.ts';
import type { StoredTrace } from '../../store/span.ts';
import { one, type RawQuery } from '../params.ts';

const DEFAULT_LIMIT = 10;
const DAY_MS = 86_400_000;

interface SearchContext {
  readonly tenant: string;
  /** Epoch ms. */
  readonly now: number;
  readonly names: ServiceNames;
  /** Most traces of one answer. */
  readonly maxTraces: number;
}

/** A search as Zipkin has it: what the store finds, and what is looked for in each trace that it found. */
export interface ZipkinSearch {
  readonly query: TraceQuery;
  /** Undefined when the store's filters say it all. */
  readonly keep: ((trace: StoredTrace) => boolean) | undefined;
  readonly limit: number;
}

/** The parameters of `GET /api/v2/traces` (ZK-2). Throws `traces.badParameter`. */
export function zipkinSearch(raw: RawQuery, { tenant, now, names, maxTraces }: SearchContext): ZipkinSearch {
  const { from, to } = zipkinWindow(raw, now);
  const limit = Math.min(whole(raw, 'limit', 'a number of traces') || DEFAULT_LIMIT, maxTraces);
  const service = one(raw, 'serviceName');
  const operation = one(raw, 'spanName');
  const minDuration = whole(raw, 'minDuration', 'microseconds');
  const maxDuration = whole(raw, 'maxDuration', 'microseconds');
  if (minDuration !== undefined && maxDuration !== undefined && maxDuration < minDuration)
    throw bad(`maxDuration ${maxDuration}, expected at least minDuration ${minDuration}`);
  const { attributes, words } = annotationQuery(one(raw, 'annotationQuery'));
  const remote = one(raw, 'remoteServiceName');
  const conditions: ((trace: StoredTrace) => boolean)[] = [];
  for (const word of words) conditions.push((trace) => hasWord(trace, word));
  if (remote !== undefined) {
    const callee = names.canonical(remote);
    const caller = service === undefined ? undefined : names.canonical(service);
    conditions.push((trace) => calls(trace, caller, callee, remote));
  }
  return {
    query: {
      tenant,
      from: BigInt(from) * 1_000_000n,
      // The last millisecond belongs to the search.
      to: BigInt(to + 1) * 1_000_000n,
      // What only a whole trace tells is looked for among as many of the newest as an answer may have.
      limit: conditions.length > 0 ? maxTraces : limit,
      ...(service !== undefined && { services: [names.canonical(service)] }),
      ...(operation !== undefined && { operation }),
      ...(minDuration !== undefined && { minDuration: minDuration * 1000 }),
      // All of the last microsecond.
      ...(maxDuration !== undefined && { maxDuration: maxDuration * 1000 + 999 }),
      ...(attributes.length > 0 && { attributes }),
    },
    keep: conditions.length === 0 ? undefined : (trace) => conditions.every((holds) => holds(trace)),
    limit,
  };
}

/** `endTs` and `lookback` as epoch milliseconds from and to, both included. */
export function zipkinWindow(raw: RawQuery, now: number): { readonly from: number; readonly to: number } {
  const to = whole(raw, 'endTs', 'milliseconds since the epoch') ?? Math.floor(now);
  const lookback = whole(raw, 'lookback', 'milliseconds') ?? DAY_MS;
  return { from: Math.max(0, to - lookback), to };
}

/** Terms joined by ` and `: `key=value` is a tag, a word alone a tag's key or an annotation's value. */
function annotationQuery(text: string | undefined): {
  readonly attributes: readonly (readonly [string, string])[];
  readonly words: readonly string[];
} {
  const attributes: (readonly [string, string])[] = [];
  const words: string[] = [];
  for (const term of (text ?? '').split(' and ').map((part) => part.trim())) {
    const equals = term.indexOf('=');
    if (equals > 0) attributes.push([term.slice(0, equals), term.slice(equals + 1)]);
    else if (term !== '') words.push(term);
  }
  return { attributes, words };
}

function hasWord({ spans, sources }: StoredTrace, word: string): boolean {
  return spans.some(
    ({ attributes, events, source, status }) =>
      (word === 'error' && status === STATUS.error) ||
      attributes.some(({ key }) => key === word) ||
      (sources.get(source)?.resource ?? []).some(({ key }) => key === word) ||
      readEvents(events).some(({ name }) => name === word),
  );
}

/** Whether a span of the caller names the callee, or has a child in it. */
function calls(
  { spans }: StoredTrace,
  caller: string | undefined,
  callee: string,
  peerName: string,
): boolean {
  const serviceOf = new Map(spans.map(({ spanId, service }) => [spanId, service]));
  return spans.some(({ service, parentId, attributes }) => {
    const isCaller = caller === undefined || service === caller;
    if (isCaller && attributes.some(({ key, value }) => key === 'peer.service' && value === peerName))
      return true;
    const parent = serviceOf.get(parentId);
    if (service !== callee || parent === undefined || parent === callee) return false;
    return caller === undefined || parent === caller;
  });
}

function whole(raw: RawQuery, name: string, expected: string): number | undefined {
  const text = one(raw, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw bad(`${name} ${JSON.stringify(text.slice(0, 40))}, expected ${expected}`);
  return Number(text);
}

function bad(message: string) {
  return tracesErrors.make('badParameter', message);
}
