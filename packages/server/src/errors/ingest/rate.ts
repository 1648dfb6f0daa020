/** Seconds until more is taken, by tenant: so many errors a minute, a minute's worth at once. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Takes errors of a tenant; 0, or in how many seconds to come again: then none was taken. `now` is monotonic, ms. */
  take(tenant: string, errors: number, now: number): number {
    const bucket = this.#buckets.get(tenant) ?? { left: this.#perMinute, at: now };
    this.#buckets.set(tenant, bucket);
    bucket.left = Math.min(this.#perMinute, bucket.left + ((now - bucket.at) * this.#perMinute) / 60_000);
    bucket.at = now;
    if (bucket.left <= 0) return Math.max(1, Math.ceil((-bucket.left * 60) / this.#perMinute));
    bucket.left -= errors;
    return 0;
  }
}
