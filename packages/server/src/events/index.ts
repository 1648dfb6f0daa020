export { eventsSection } from './config.ts';
export { createEvents, type EventsSlice } from './slice.ts';
export { eventsTables } from './tables.ts';
