export { tracesSection } from './config.ts';
export { SpanDoors } from './ingest/doors.ts';
export { OtlpTracesService } from './ingest/otlp/service.ts';
export { jaegerApi } from './routes/jaeger/api.ts';
export { jaegerV3Api } from './routes/jaeger/v3.ts';
export { tracesApi } from './routes/own/api.ts';
export { createTracesStore } from './store/store.ts';
export { tracesTables } from './tables.ts';
