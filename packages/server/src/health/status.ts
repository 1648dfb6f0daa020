export type Status = 'healthy' | 'degraded' | 'unhealthy' | 'unknown';

const RANK: Readonly<Record<Status, number>> = { unknown: 0, healthy: 1, degraded: 2, unhealthy: 3 };

/** The worse of two states; unknown gives way to anything known. */
export function worse(a: Status, b: Status): Status {
  return RANK[a] >= RANK[b] ? a : b;
}
