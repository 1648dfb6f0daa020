import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLiveClient, type LiveParts } from './client.ts';
import type { StreamEvent } from './machine.ts';

type Handlers = Parameters<LiveParts['openStream']>[0];

/** Tabs of one browser: a channel between them and streams that the test opens and breaks. */
function world() {
  const listeners = new Map<string, (message: unknown) => void>();
  const streams = new Map<string, Handlers>();
  const tab = (id: string) => {
    const delivered: StreamEvent[] = [];
    const client = createLiveClient(
      {
        now: () => Date.now(),
        id,
        openStream: (handlers) => {
          streams.set(id, handlers);
          return () => streams.delete(id);
        },
        channel: {
          post: (message) => {
            for (const [other, listener] of listeners) if (other !== id) listener(structuredClone(message));
          },
          listen: (handler) => {
            listeners.set(id, handler);
            return () => listeners.delete(id);
          },
        },
      },
      (event) => delivered.push(event),
    );
    return { client, delivered };
  };
  return { tab, streams, listeners };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('the live client', () => {
  it('opens one stream for all tabs and hands every event to each', () => {
    const { tab, streams } = world();
    const first = tab('a');
    const second = tab('b');
    first.client.start();
    vi.advanceTimersByTime(1000);
    second.client.start();
    vi.advanceTimersByTime(1000);
    expect([...streams.keys()]).toEqual(['a']);
    streams.get('a')!.opened();
    streams.get('a')!.event({ name: 'summary', data: '{}' });
    expect(first.delivered).toHaveLength(1);
    expect(second.delivered).toHaveLength(1);
    expect(second.client.state.get().connection).toBe('live');
  });

  it('moves to another tab when the leader closes', () => {
    const { tab, streams } = world();
    const first = tab('a');
    const second = tab('b');
    first.client.start();
    vi.advanceTimersByTime(1000);
    second.client.start();
    first.client.stop();
    expect(streams.size).toBe(0);
    vi.advanceTimersByTime(1000);
    expect([...streams.keys()]).toEqual(['b']);
  });

  it('takes no message that is none of its own', () => {
    const { tab, listeners } = world();
    const { client, delivered } = tab('a');
    client.start();
    for (const message of [
      null,
      'x',
      { type: 'event' },
      { type: 'event', from: 'z', event: { name: 'evil', data: '' } },
    ]) {
      listeners.get('a')!(message);
    }
    expect(delivered).toEqual([]);
    client.stop();
  });
});
