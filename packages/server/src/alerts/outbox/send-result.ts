/** How an attempt ended; a leaf never rejects. */
export type SendResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly isRetryable: boolean;
      /** It may have been taken all the same. */
      readonly isUncertain: boolean;
      readonly retryAfterMs: number | null;
    };

/** Another attempt would end the same. */
export function refusedForGood(reason: string): SendResult {
  return { ok: false, reason, isRetryable: false, isUncertain: false, retryAfterMs: null };
}
