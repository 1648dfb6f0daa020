import type { Clock } from '../../kernel/clock.ts';
import type { SendResult } from '../outbox/send-result.ts';
import type { ReceiverMemo } from '../pipeline/notification-log.ts';
import type { Notification } from '../templates/data.ts';
import type { MessageTexts } from '../templates/texts.ts';
import type { HttpDoor } from './http.ts';

/** What is to be told, as every notifier gets it. */
export interface Message {
  /** The same through all attempts. */
  readonly id: string;
  /** It may have come before. */
  readonly mayBeDuplicate: boolean;
  /** Of several it is for, those whom earlier attempts have settled, as the notifier itself named them; absent for none. */
  readonly done?: readonly string[] | undefined;
  readonly groupKey: string;
  readonly notification: Notification;
  /** Whether anything fires still. */
  readonly isFiring: boolean;
  readonly texts: MessageTexts;
  /** What the receiver answered to the message before, while the group fired all the time. */
  readonly memo: ReceiverMemo | undefined;
}

export interface NotifierDeps {
  readonly clock: Clock;
  readonly http: HttpDoor;
  /** Ms until nobody waits for the message any more, from when the attempt begins; negative when it is late. */
  readonly leftMs?: number;
}

/** Builds one message and sends it once. It knows of no retry, no group and no log, and rejects with nothing but TemplateFailure. */
export type Notifier<Entry> = (entry: Entry, message: Message, deps: NotifierDeps) => Promise<SendResult>;
