import type { Engine } from '../../engine/index.ts';
import { createMemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createServiceNames } from '../../kernel/names.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { tracesSection } from '../config.ts';
import { SpanDoors } from '../ingest/doors.ts';
import { OtlpTracesService } from '../ingest/otlp/service.ts';
import { createTracesStore, type TracesStoreDeps } from '../store/store.ts';
import { attribute, type JsonSpan, type JsonTraceRequest } from './otlp-json.ts';

export const NOW = 1_700_000_000_000;

export const traceId = (n: number): string => n.toString(16).padStart(32, '0');
export const spanId = (n: number): string => n.toString(16).padStart(16, '0');
export const nanos = (ms: number, more = 0n): string => String(BigInt(ms) * 1_000_000n + more);

/** Spans of one service with its host and a scope. */
export function requestOf(service: string, spans: readonly JsonSpan[]): JsonTraceRequest {
  return {
    resourceSpans: [
      {
        resource: {
          attributes: [attribute('service.name', service), attribute('host.name', `h-${service}`)],
        },
        scopeSpans: [{ scope: { name: 'lib', version: '1.2' }, spans }],
      },
    ],
  };
}

/** A store whose spans never leave memory: the engine is ready and holds nothing. */
export async function openMemoryTraces(
  config: object = {},
  listeners: Pick<TracesStoreDeps, 'onStored' | 'onSource'> = {},
) {
  const nothing: Engine = {
    query: async (_statement, { signal }) => {
      // As an engine would notice that nobody waits any more: later than the call.
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      return {
        rows: 0,
        names: [],
        column: () => ({ kind: 'float64' as const, data: new Float64Array(0) }),
        numbers: () => new Float64Array(0),
        bigints: () => new BigUint64Array(0),
        strings: () => [],
        array: () => ({
          kind: 'array' as const,
          offsets: new Uint32Array(0),
          items: { kind: 'float64' as const, data: new Float64Array(0) },
        }),
        map: () => ({
          kind: 'map' as const,
          offsets: new Uint32Array(0),
          keys: { kind: 'string' as const, data: [] },
          values: { kind: 'string' as const, data: [] },
        }),
      };
    },
    execute: () => Promise.resolve(),
    insert: () => Promise.resolve(),
    state: () => 'ready',
    onState: () => () => {},
  };
  const store = await createTracesStore({
    engine: nothing,
    journal: createMemoryJournal(),
    clock: new ManualClock(NOW),
    names: createServiceNames(new Map()),
    telemetry: createTelemetry(),
    log: silentLog,
    config: tracesSection.schema.parse(config),
    breathe: () => Promise.resolve(),
    ...listeners,
  });
  await store.service.start?.(new AbortController().signal);
  const breathe = () => Promise.resolve();
  const doors = new SpanDoors({ sink: store.sink, telemetry: store.telemetry, breathe });
  const otlp = new OtlpTracesService(doors);
  const send = (service: string, spans: readonly JsonSpan[]) =>
    otlp.export('default', 'json', Buffer.from(JSON.stringify(requestOf(service, spans))));
  return { store, doors, otlp, send };
}
