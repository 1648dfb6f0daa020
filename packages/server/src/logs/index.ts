export { logsSection } from './config.ts';
export { LogDoors } from './ingest/service.ts';
export { SyslogService } from './ingest/syslog/service.ts';
export { linesApi } from './routes/lines.ts';
export { logsApi } from './routes/logs.ts';
export { lokiPushApi } from './routes/loki-push.ts';
export { createLogsStore } from './store/store.ts';
export { logsTables } from './tables.ts';
