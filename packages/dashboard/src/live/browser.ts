import type { LiveParts } from './client.ts';
import { EVENT_NAMES } from './machine.ts';

const CHANNEL = 'pharos-live';

/** The live client's parts in a real browser: `EventSource` and `BroadcastChannel`, or a tab alone where there is none. */
export function browserParts(streamUrl: string): LiveParts {
  return {
    now: () => Date.now(),
    id: crypto.getRandomValues(new Uint32Array(2)).join('-'),
    openStream: (handlers) => {
      const source = new EventSource(streamUrl);
      source.addEventListener('open', handlers.opened);
      source.addEventListener('error', handlers.failed);
      for (const name of EVENT_NAMES) {
        source.addEventListener(name, (event: MessageEvent<unknown>) => {
          if (typeof event.data === 'string') handlers.event({ name, data: event.data });
        });
      }
      return () => source.close();
    },
    channel: openChannel(),
  };
}

function openChannel(): LiveParts['channel'] {
  if (typeof BroadcastChannel === 'undefined')
    return { post: () => undefined, listen: () => () => undefined };
  const channel = new BroadcastChannel(CHANNEL);
  return {
    post: (message) => channel.postMessage(message),
    listen: (handler) => {
      const listener = (event: MessageEvent<unknown>): void => handler(event.data);
      channel.addEventListener('message', listener);
      return () => channel.removeEventListener('message', listener);
    },
  };
}
