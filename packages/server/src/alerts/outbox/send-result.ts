import type { ReceiverMemo } from '../pipeline/notification-log.ts';

/** How an attempt ended; a leaf never rejects. */
export type SendResult =
  | {
      readonly ok: true;
      /** What of the message was not as the configuration has it, for the history. */
      readonly notes?: readonly string[];
      /** What later messages of the group need to know, such as which message is to be changed. */
      readonly memo?: ReceiverMemo | undefined;
    }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly isRetryable: boolean;
      /** It may have been taken all the same. */
      readonly isUncertain: boolean;
      readonly retryAfterMs: number | null;
      /** Of several it was for, those whom another attempt leaves out: they have it, or will never take it. */
      readonly done?: readonly string[];
    };

/** One that ended in a refusal. */
export type Refusal = Extract<SendResult, { readonly ok: false }>;

/** Another attempt would end the same. */
export function refusedForGood(reason: string): Refusal {
  return { ok: false, reason, isRetryable: false, isUncertain: false, retryAfterMs: null };
}
