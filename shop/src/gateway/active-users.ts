/** Somebody who did nothing for this long is not active. */
const ACTIVE_MS = 5 * 60_000;
/** More people than this are not counted one by one. */
const MAX_USERS = 10_000;

/** Counts the users seen lately. */
export interface ActiveUsers {
  seen(userId: string): void;
  count(): number;
}

export function createActiveUsers(monotonic: () => number): ActiveUsers {
  // In order of the last visit: the first ones are the first to leave.
  const lastSeen = new Map<string, number>();
  return {
    seen(userId) {
      lastSeen.delete(userId);
      lastSeen.set(userId, monotonic());
      const [oldest] = lastSeen.keys();
      if (lastSeen.size > MAX_USERS && oldest !== undefined) lastSeen.delete(oldest);
    },
    count() {
      for (const [userId, at] of lastSeen) {
        if (monotonic() - at <= ACTIVE_MS) break;
        lastSeen.delete(userId);
      }
      return lastSeen.size;
    },
  };
}
