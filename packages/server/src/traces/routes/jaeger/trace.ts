import type { Attribute } from '../../attributes.ts';
import { readEvents, readLinks } from '../../events.ts';
import { type SpanSource, STATUS } from '../../sink.ts';
import { KIND_WORDS } from '../../store/query.ts';
import type { StoredSpan, StoredTrace } from '../../store/span.ts';

/** A tag of Jaeger's query API (compat JA-3). */
interface JaegerTag {
  readonly key: string;
  readonly type: 'string' | 'bool' | 'int64' | 'float64' | 'binary';
  readonly value: string | number | boolean;
}

/** A trace in the shape of Jaeger's query API (compat JA-2), span by span. */
export class JaegerTrace {
  readonly #trace: StoredTrace;
  readonly #warnings: readonly string[];
  readonly #processes = new Map<string, string>();
  readonly #bySource = new Map<bigint, string>();
  readonly #processJson: string[] = [];

  constructor(trace: StoredTrace, warnings: readonly string[]) {
    this.#trace = trace;
    this.#warnings = warnings;
  }

  /** The JSON in pieces, one per span and a few around them. */
  *pieces(): Generator<string> {
    const { traceId, spans } = this.#trace;
    yield `{"traceID":"${traceId}","spans":[`;
    for (const [i, span] of spans.entries()) yield (i === 0 ? '' : ',') + JSON.stringify(this.#span(span));
    const warnings = this.#warnings.length === 0 ? null : this.#warnings;
    yield `],"processes":{${this.#processJson.join(',')}},"warnings":${JSON.stringify(warnings)}}`;
  }

  #span(span: StoredSpan) {
    const { traceId, spanId, flags, name, start, duration } = span;
    const startTime = Number(start / 1000n);
    return {
      traceID: traceId,
      spanID: spanId,
      ...((flags & 0xff) !== 0 && { flags: flags & 0xff }),
      operationName: name,
      references: referencesOf(span),
      startTime,
      duration: Math.floor(duration / 1000),
      tags: tagsOf(span, this.#trace.sources.get(span.source)),
      logs: readEvents(span.events).map(({ time, name: event, attributes }) => ({
        timestamp: Number(time / 1000n),
        fields: [
          ...(event === '' || attributes.some(({ key }) => key === 'event')
            ? []
            : [{ key: 'event', type: 'string', value: event }]),
          ...attributes.map(tagOf),
        ],
      })),
      processID: this.#process(span),
      warnings: null,
    };
  }

  #process({ source: hash, service }: StoredSpan): string {
    const known = this.#bySource.get(hash);
    if (known !== undefined) return known;
    const source = this.#trace.sources.get(hash);
    const json = JSON.stringify({ serviceName: service, tags: processTags(source, service) });
    let id = this.#processes.get(json);
    if (id === undefined) {
      id = `p${this.#processes.size + 1}`;
      this.#processes.set(json, id);
      this.#processJson.push(`"${id}":${json}`);
    }
    this.#bySource.set(hash, id);
    return id;
  }
}

/** The name a service gives itself stays where it is not the canonical one. */
function processTags(source: SpanSource | undefined, service: string): JaegerTag[] {
  return (source?.resource ?? [])
    .filter(({ key, value }) => key !== 'service.name' || value !== service)
    .map(tagOf);
}

function referencesOf({ traceId, parentId, links }: StoredSpan) {
  const references = readLinks(links).map((link) => ({
    refType: 'FOLLOWS_FROM',
    traceID: link.traceId,
    spanID: link.spanId,
  }));
  return parentId === ''
    ? references
    : [{ refType: 'CHILD_OF', traceID: traceId, spanID: parentId }, ...references];
}

/** OTLP's fields as Jaeger's tags (compat JA-6). */
function tagsOf(span: StoredSpan, source: SpanSource | undefined): JaegerTag[] {
  const tags: JaegerTag[] = [];
  const text = (key: string, value: string): void => {
    if (value !== '') tags.push({ key, type: 'string', value });
  };
  text('otel.scope.name', source?.scopeName ?? '');
  text('otel.scope.version', source?.scopeVersion ?? '');
  for (const attribute of span.attributes) tags.push(tagOf(attribute));
  if (span.kind > 0 && !span.attributes.some(({ key }) => key === 'span.kind'))
    text('span.kind', KIND_WORDS[span.kind] ?? '');
  if (span.status === STATUS.ok) text('otel.status_code', 'OK');
  if (span.status === STATUS.error) {
    text('otel.status_code', 'ERROR');
    if (!span.attributes.some(({ key }) => key === 'error'))
      tags.push({ key: 'error', type: 'bool', value: true });
  }
  text('otel.status_description', span.statusMessage);
  text('w3c.tracestate', span.traceState);
  return tags;
}

function tagOf({ key, type, value }: Attribute): JaegerTag {
  switch (type) {
    case 'b':
      return { key, type: 'bool', value: value === 'true' };
    case 'i': {
      const number = Number(value);
      return { key, type: 'int64', value: Number.isSafeInteger(number) ? number : value };
    }
    case 'd': {
      const number = Number(value);
      // JSON has no NaN and no infinities.
      return { key, type: 'float64', value: Number.isFinite(number) ? number : value };
    }
    case 'x':
      return { key, type: 'binary', value };
    case 's':
    case 'j':
    case 'n':
      return { key, type: 'string', value };
  }
}
