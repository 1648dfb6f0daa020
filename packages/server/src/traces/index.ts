export { tracesSection } from './config.ts';
export { SpanDoors } from './ingest/doors.ts';
export { OtlpTracesService } from './ingest/otlp/service.ts';
export { createTracesStore } from './store/store.ts';
export { tracesTables } from './tables.ts';
