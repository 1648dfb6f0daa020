/** The one way out of the process for what people and other servers name: probes, webhooks, notifications, models. */

export { egressSection } from './config.ts';
export { createEgress, type Egress } from './door.ts';
export { createLookup } from './lookup.ts';
export { egressRequest } from './request.ts';
