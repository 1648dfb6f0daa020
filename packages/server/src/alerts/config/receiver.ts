import type { GlobalSettings } from './global.ts';
import type { Finish } from './receivers/kind.ts';
import { type ReceiverEntry, receiverListNames, receiverLists } from './receivers/registry.ts';
import { type Decoder, given, struct, text } from './yaml/decode.ts';
import type { Place } from './yaml/place.ts';

/** One entry of a receiver, and which it is among those of its kind: both are part of what the notification log knows it by. */
export interface ReceiverIntegration {
  readonly index: number;
  readonly entry: ReceiverEntry;
}

export interface Receiver {
  readonly name: string;
  /** None is a receiver that drops what it gets. */
  readonly integrations: readonly ReceiverIntegration[];
}

/** A receiver that waits for what is global. */
export interface WrittenReceiver {
  readonly name: string;
  readonly place: Place;
  finish(global: GlobalSettings): Receiver;
}

const head = struct({ name: text, ...receiverLists });

export const receiver: Decoder<WrittenReceiver> = (place) => {
  const written = head(place);
  if (written === undefined) return undefined;
  const { name } = written;
  if (!given(name)) return place.refuse('missing name in receiver');
  const lists: readonly (readonly Finish<ReceiverEntry>[])[] = receiverListNames.map(
    (list) => written[list] ?? [],
  );
  return {
    name,
    place,
    finish: (global) => ({
      name,
      integrations: lists.flatMap((list) =>
        list.flatMap((finish, index) => {
          const entry = finish(global);
          return entry === undefined ? [] : [{ index, entry }];
        }),
      ),
    }),
  };
};
