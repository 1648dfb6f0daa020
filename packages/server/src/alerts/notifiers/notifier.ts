import type { Clock } from '../../kernel/clock.ts';
import type { SendResult } from '../outbox/send-result.ts';
import type { Notification } from '../templates/data.ts';
import type { HttpDoor } from './http.ts';

/** What is to be told, as every notifier gets it. */
interface Message {
  /** The same through all attempts. */
  readonly id: string;
  /** It may have come before. */
  readonly mayBeDuplicate: boolean;
  readonly groupKey: string;
  readonly notification: Notification;
}

export interface NotifierDeps {
  readonly clock: Clock;
  readonly http: HttpDoor;
}

/** Builds one message and sends it once. It knows of no retry, no group and no log, and never rejects. */
export type Notifier<Entry> = (entry: Entry, message: Message, deps: NotifierDeps) => Promise<SendResult>;
