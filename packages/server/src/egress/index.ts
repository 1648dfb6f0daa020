/** The one way out of the process for what people and other servers name: probes, webhooks, notifications, models. */

export { egressSection } from './config.ts';
export type { EgressTls, PeerFacts } from './dial.ts';
export { createEgress, type Egress, type Opened } from './door.ts';
export { egressErrors } from './errors.ts';
export { createLookup } from './lookup.ts';
export type { Trust } from './policy.ts';
export { type EgressAnswer, type EgressHeaders, egressRequest } from './request.ts';
export type { Purpose } from './telemetry.ts';
