import type { ErrorType } from './classify.ts';

const BUCKETS = 12;

interface Bucket {
  slot: number;
  requests: number;
  errors: Map<ErrorType, number>;
}

/** Requests and their errors over a sliding window of twelve buckets; constant memory. */
export class ErrorWindow {
  readonly #bucketMs: number;
  readonly #buckets: Bucket[];

  constructor(windowMs: number) {
    this.#bucketMs = windowMs / BUCKETS;
    this.#buckets = Array.from({ length: BUCKETS }, () => ({ slot: -1, requests: 0, errors: new Map() }));
  }

  /** Counts one finished request and the type of its error, if it had one. `now` is monotonic milliseconds. */
  record(now: number, error?: ErrorType): void {
    const bucket = this.#at(now);
    bucket.requests++;
    if (error !== undefined) bucket.errors.set(error, (bucket.errors.get(error) ?? 0) + 1);
  }

  /** Errors of the type divided by requests over the window, 0..1; 0 without requests. */
  rate(type: ErrorType, now: number): number {
    let requests = 0;
    let errors = 0;
    for (const bucket of this.#live(now)) {
      requests += bucket.requests;
      errors += bucket.errors.get(type) ?? 0;
    }
    return requests === 0 ? 0 : errors / requests;
  }

  requests(now: number): number {
    return this.#live(now).reduce((sum, bucket) => sum + bucket.requests, 0);
  }

  #live(now: number): Bucket[] {
    const newest = Math.floor(now / this.#bucketMs);
    return this.#buckets.filter(({ slot }) => slot > newest - BUCKETS && slot <= newest);
  }

  #at(now: number): Bucket {
    const slot = Math.floor(now / this.#bucketMs);
    const index = slot % BUCKETS;
    const bucket = this.#buckets[index];
    if (bucket !== undefined && bucket.slot === slot) return bucket;
    const fresh: Bucket = { slot, requests: 0, errors: new Map() };
    this.#buckets[index] = fresh;
    return fresh;
  }
}
