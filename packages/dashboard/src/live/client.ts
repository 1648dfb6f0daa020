import { z } from 'zod';
import {
  EVENT_NAMES,
  initialLiveState,
  type LiveEffect,
  type LiveInput,
  type LiveState,
  liveStep,
  type StreamEvent,
} from './machine.ts';
import { createStore, type Store } from './store.ts';

const TICK_MS = 500;

const eventSchema = z.object({
  name: z.enum(EVENT_NAMES),
  data: z.string(),
});
const tabMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), from: z.string() }),
  z.object({
    type: z.literal('leader'),
    from: z.string(),
    connection: z.enum(['connecting', 'live', 'retrying', 'polling']),
  }),
  z.object({ type: z.literal('resigned'), from: z.string() }),
  z.object({ type: z.literal('event'), from: z.string(), event: eventSchema }),
]);

/** The browser's parts the client needs, given from outside so that it can be tested without one. */
export interface LiveParts {
  readonly now: () => number;
  readonly openStream: (handlers: {
    readonly opened: () => void;
    readonly failed: () => void;
    readonly event: (event: StreamEvent) => void;
  }) => () => void;
  readonly channel: {
    readonly post: (message: unknown) => void;
    readonly listen: (handler: (message: unknown) => void) => () => void;
  };
  readonly id: string;
}

export interface LiveClient {
  readonly state: Store<LiveState>;
  readonly start: () => void;
  readonly stop: () => void;
  readonly retryNow: () => void;
}

/** Runs the state machine of `machine.ts` on real streams, channels and timers. */
export function createLiveClient(parts: LiveParts, deliver: (event: StreamEvent) => void): LiveClient {
  const state = createStore(initialLiveState(parts.id));
  let closeStream: (() => void) | null = null;
  let stopListening: (() => void) | null = null;
  let timer: ReturnType<typeof setInterval> | null = null;

  const carryOut = (effect: LiveEffect): void => {
    switch (effect.type) {
      case 'open stream':
        closeStream?.();
        closeStream = parts.openStream({
          opened: () => send({ type: 'opened' }),
          failed: () => send({ type: 'failed' }),
          event: (event) => send({ type: 'event', event }),
        });
        return;
      case 'close stream':
        closeStream?.();
        closeStream = null;
        return;
      case 'tell tabs':
        parts.channel.post(effect.message);
        return;
      case 'deliver':
        deliver(effect.event);
        return;
    }
  };
  const send = (input: LiveInput): void => {
    const step = liveStep(state.get(), input, parts.now());
    state.set(step.state);
    for (const effect of step.effects) carryOut(effect);
  };

  return {
    state,
    start: () => {
      stopListening = parts.channel.listen((message) => {
        const parsed = tabMessageSchema.safeParse(message);
        if (parsed.success) send({ type: 'tab', message: parsed.data });
      });
      timer = setInterval(() => send({ type: 'tick' }), TICK_MS);
      send({ type: 'start' });
    },
    stop: () => {
      send({ type: 'stop' });
      if (timer !== null) clearInterval(timer);
      timer = null;
      stopListening?.();
      stopListening = null;
    },
    retryNow: () => send({ type: 'retry now' }),
  };
}
