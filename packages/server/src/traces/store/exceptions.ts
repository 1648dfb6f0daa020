import { PharosError } from '../../kernel/errors.ts';
import { readEvents, type SpanEvent } from '../events.ts';
import { readSpan, type SpanChunk } from './chunk.ts';

/** An exception that a span tells of as an event (OpenTelemetry semantic conventions, Exceptions on spans). */
export interface SpanException {
  readonly tenant: string;
  /** Canonical. */
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly span: string;
  /** Epoch ms. */
  readonly time: number;
  /** `exception.type`, `.message`, `.stacktrace`; empty where they are missing. */
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** Attributes of span and event by name; the event's win. */
  readonly attributes: ReadonlyMap<string, string>;
}

const EVENT_NAME = 'exception';
const NEEDLE = Buffer.from('exception.');
const MS = 1_000_000n;
/** Of one chunk: a storm of them says nothing more. */
const MOST = 1000;

/** The exceptions that the spans of a chunk tell of. Spans without are not read: their bytes are looked through as a whole. */
export function exceptionsOf(chunk: SpanChunk): readonly SpanException[] {
  const found: SpanException[] = [];
  const payload = Buffer.from(chunk.payload.buffer, chunk.payload.byteOffset, chunk.payload.byteLength);
  let row = 0;
  for (let at = payload.indexOf(NEEDLE); at >= 0 && found.length < MOST; ) {
    while (row + 1 < chunk.rows && chunk.offsets[row + 1] <= at) row++;
    found.push(...ofSpan(chunk, row));
    if (row + 1 >= chunk.rows) break;
    at = payload.indexOf(NEEDLE, chunk.offsets[row + 1]);
  }
  return found;
}

function ofSpan(chunk: SpanChunk, row: number): SpanException[] {
  const span = readSpan(chunk, row);
  return eventsOf(span.events)
    .filter(({ name }) => name === EVENT_NAME)
    .map((event) => {
      const attributes = new Map(
        [...span.attributes, ...event.attributes].map(({ key, value }) => [key, value]),
      );
      return {
        tenant: chunk.tenant,
        service: span.service,
        traceId: span.traceId,
        spanId: span.spanId,
        span: span.name,
        time: Number(event.time / MS),
        name: attributes.get('exception.type') ?? '',
        message: attributes.get('exception.message') ?? '',
        stack: attributes.get('exception.stacktrace') ?? '',
        attributes,
      };
    });
}

/** Events are stored as they came: what does not read tells of nothing. */
function eventsOf(bytes: Uint8Array): readonly SpanEvent[] {
  try {
    return readEvents(bytes);
  } catch (error) {
    if (error instanceof PharosError) return [];
    throw error;
  }
}
