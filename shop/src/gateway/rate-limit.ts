/** A bucket that fills steadily and is emptied by requests. */
interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

export interface RateRules {
  /** Tokens that come in per second. */
  readonly perSecond: number;
  /** The most that a bucket holds. */
  readonly burst: number;
}

/** Clients remembered at a time; the one that was quiet for longest is forgotten, and starts anew with a full bucket. */
const MAX_CLIENTS = 10_000;

/** A request against a bucket (token bucket): the bucket after it, and how long to wait when it is empty. */
export function take(
  bucket: Bucket | undefined,
  rules: RateRules,
  nowMs: number,
): { readonly bucket: Bucket; readonly retryAfterSeconds: number } {
  const before = bucket ?? { tokens: rules.burst, at: nowMs };
  const gained = (Math.max(0, nowMs - before.at) / 1000) * rules.perSecond;
  const tokens = Math.min(rules.burst, before.tokens + gained);
  if (tokens >= 1) return { bucket: { tokens: tokens - 1, at: nowMs }, retryAfterSeconds: 0 };
  return { bucket: { tokens, at: nowMs }, retryAfterSeconds: (1 - tokens) / rules.perSecond };
}

/** Answers 0 when the client may go on, else the seconds it should wait. */
export function createRateLimiter(rules: RateRules, monotonic: () => number): (client: string) => number {
  const buckets = new Map<string, Bucket>();
  return (client) => {
    const { bucket, retryAfterSeconds } = take(buckets.get(client), rules, monotonic());
    buckets.delete(client);
    buckets.set(client, bucket);
    if (buckets.size > MAX_CLIENTS) {
      const [quietest] = buckets.keys();
      if (quietest !== undefined) buckets.delete(quietest);
    }
    return retryAfterSeconds;
  };
}
