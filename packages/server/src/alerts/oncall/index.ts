export { onCallApis } from './api/on-call-api.ts';
export { readOnCall } from './config/load.ts';
export { onCallSection } from './section.ts';
