import { type Egress, egressRequest } from '../../egress/index.ts';
import type { HttpDoor } from './http.ts';

/** Of a receiver's answer, which says why it refused. */
const MOST_ANSWER_BYTES = 16 * 1024;

/** Notifications leave as all else does that is sent for somebody. */
export function egressDoor(egress: Egress, readText: HttpDoor['readText']): HttpDoor {
  return {
    send: (request) =>
      egressRequest(egress, {
        ...request,
        trust: 'configured',
        purpose: 'notification',
        maxBytes: MOST_ANSWER_BYTES,
      }),
    connect: async (place, signal) =>
      (await egress.open({ ...place, trust: 'configured', purpose: 'notification', signal })).socket,
    readText,
  };
}
