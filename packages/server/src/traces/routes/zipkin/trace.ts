import type { Attribute } from '../../attributes.ts';
import { readEvents } from '../../events.ts';
import { SPAN_KIND, type SpanSource, STATUS } from '../../sink.ts';
import type { StoredSpan, StoredTrace } from '../../store/span.ts';

/** Zipkin's words; a kind it has no word for is left out. */
const KINDS: ReadonlyMap<number, string> = new Map([
  [SPAN_KIND.client, 'CLIENT'],
  [SPAN_KIND.server, 'SERVER'],
  [SPAN_KIND.producer, 'PRODUCER'],
  [SPAN_KIND.consumer, 'CONSUMER'],
]);

/** Attributes that say who the other side is: Zipkin's remote endpoint. */
const REMOTE = {
  service: 'peer.service',
  address: 'network.peer.address',
  port: 'network.peer.port',
} as const;
const REMOTE_KEYS: ReadonlySet<string> = new Set(Object.values(REMOTE));

interface Endpoint {
  readonly serviceName?: string;
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly port?: number;
}

/** A span in the shape of Zipkin's v2 API (zipkin2-api.yaml; for OTLP's fields the OpenTelemetry specification, "Zipkin"). */
interface ZipkinJsonSpan {
  readonly traceId: string;
  readonly parentId?: string;
  readonly id: string;
  readonly kind?: string;
  readonly name: string;
  /** Microseconds. */
  readonly timestamp: number;
  readonly duration: number;
  readonly localEndpoint: Endpoint;
  readonly remoteEndpoint?: Endpoint;
  readonly annotations?: readonly { readonly timestamp: number; readonly value: string }[];
  readonly tags?: Readonly<Record<string, string>>;
  /** The called side of a span whose both sides have the same id. */
  readonly shared?: boolean;
}

/** A trace as Zipkin's list of spans in pieces of JSON, one per span. */
export function* zipkinPieces(trace: StoredTrace): Generator<string> {
  const clients = new Set(
    trace.spans.filter(({ kind }) => kind === SPAN_KIND.client).map(({ spanId }) => spanId),
  );
  yield '[';
  for (const [i, span] of trace.spans.entries()) {
    const shared = span.kind === SPAN_KIND.server && clients.has(span.spanId);
    yield (i === 0 ? '' : ',') + JSON.stringify(zipkinSpan(span, trace.sources.get(span.source), shared));
  }
  yield ']';
}

function zipkinSpan(span: StoredSpan, source: SpanSource | undefined, shared: boolean): ZipkinJsonSpan {
  const kind = KINDS.get(span.kind);
  const remoteEndpoint = remoteOf(span.attributes);
  const annotations = readEvents(span.events).map(({ time, name, attributes }) => ({
    timestamp: Number(time / 1000n),
    value: attributes.length === 0 ? name : `"${name}": ${JSON.stringify(textsOf(attributes))}`,
  }));
  const tags = tagsOf(span, source);
  return {
    traceId: zipkinTraceId(span.traceId),
    ...(span.parentId !== '' && { parentId: span.parentId }),
    id: span.spanId,
    ...(kind !== undefined && { kind }),
    name: span.name,
    timestamp: Number(span.start / 1000n),
    // Zipkin takes a duration of 0 for one that is not known.
    duration: Math.max(1, Math.floor(span.duration / 1000)),
    localEndpoint: { serviceName: span.service },
    ...(remoteEndpoint !== null && { remoteEndpoint }),
    ...(annotations.length > 0 && { annotations }),
    ...(Object.keys(tags).length > 0 && { tags }),
    ...(shared && { shared }),
  };
}

/** Ids of 64 bits stay as short as their senders wrote them. */
function zipkinTraceId(traceId: string): string {
  return traceId.startsWith(ZEROS) ? traceId.slice(ZEROS.length) : traceId;
}

const ZEROS = '0'.repeat(16);

function remoteOf(attributes: readonly Attribute[]): Endpoint | null {
  const valueOf = (wanted: string) => attributes.find(({ key }) => key === wanted)?.value;
  const serviceName = valueOf(REMOTE.service);
  const address = valueOf(REMOTE.address);
  const port = Number(valueOf(REMOTE.port) ?? 0);
  if (serviceName === undefined && address === undefined) return null;
  return {
    ...(serviceName !== undefined && { serviceName }),
    ...(address !== undefined && (address.includes(':') ? { ipv6: address } : { ipv4: address })),
    ...(Number.isInteger(port) && port > 0 && { port }),
  };
}

function textsOf(attributes: readonly Attribute[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value]));
}

function tagsOf(span: StoredSpan, source: SpanSource | undefined): Record<string, string> {
  const tags = new Map<string, string>();
  for (const { key, value } of source?.resource ?? [])
    if (key !== 'service.name' || value !== span.service) tags.set(key, value);
  if (source !== undefined && source.scopeName !== '') tags.set('otel.scope.name', source.scopeName);
  if (source !== undefined && source.scopeVersion !== '') tags.set('otel.scope.version', source.scopeVersion);
  for (const { key, value } of span.attributes) if (!REMOTE_KEYS.has(key)) tags.set(key, value);
  if (span.status === STATUS.ok) tags.set('otel.status_code', 'OK');
  if (span.status === STATUS.error && !tags.has('error'))
    tags.set('error', span.statusMessage === '' ? 'true' : span.statusMessage);
  return Object.fromEntries(tags);
}
