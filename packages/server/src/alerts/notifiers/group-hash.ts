import { createHash } from 'node:crypto';

/** What a service knows a group by: Alertmanager's, so that what is open there stays the same incident after a move. */
export function groupHash(groupKey: string): string {
  return createHash('sha256').update(groupKey).digest('hex');
}
