import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { EventHub } from './sse.ts';
import { openTestApp } from './testing/test-app.ts';
import type { HttpApp } from './types.ts';

let app: HttpApp;
afterEach(async () => {
  const closing = app.close();
  app.server.closeAllConnections();
  await closing;
});

async function setup() {
  const clock = new ManualClock();
  const seen = { opened: 0, closed: 0, dropped: 0 };
  const hub = new EventHub(clock, {
    opened: () => seen.opened++,
    closed: () => seen.closed++,
    dropped: () => seen.dropped++,
  });
  app = await openTestApp([]);
  app.get('/stream', (request, reply) => {
    hub.connect(request, reply, [{ event: 'hello', data: { text: 'two\nlines' } }]);
    return reply;
  });
  const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  return { clock, hub, seen, url };
}

/** Reads a stream as a browser would; `text` is what came so far. */
async function open(url: URL) {
  const controller = new AbortController();
  const answer = await fetch(new URL('/stream', url), { signal: controller.signal });
  const state = { text: '', ended: false };
  void (async () => {
    try {
      for await (const chunk of answer.body ?? []) state.text += Buffer.from(chunk).toString();
    } catch {
      // Aborted by the test.
    }
    state.ended = true;
  })();
  return { state, headers: answer.headers, leave: () => controller.abort() };
}

describe('EventHub', () => {
  it('greets, broadcasts one line per event, beats its heart, and lets readers go', async () => {
    const { clock, hub, seen, url } = await setup();
    const reader = await open(url);
    expect(reader.headers.get('content-type')).toContain('text/event-stream');
    expect(reader.headers.get('x-content-type-options')).toBe('nosniff');
    await vi.waitFor(
      () => expect(reader.state.text).toBe('retry: 2000\n\nevent: hello\ndata: {"text":"two\\nlines"}\n\n'),
      { timeout: 30_000 },
    );
    hub.broadcast({ event: 'health', data: [1] });
    await clock.advance(15_000);
    await vi.waitFor(
      () => expect(reader.state.text).toContain('event: health\ndata: [1]\n\n: still here\n\n'),
      { timeout: 30_000 },
    );
    reader.leave();
    await vi.waitFor(() => expect([hub.size, seen.closed]).toEqual([0, 1]), { timeout: 30_000 });
    hub.broadcast({ event: 'health', data: [2] });
  });

  it('cuts a reader that does not read, and no other', async () => {
    const { hub, seen, url } = await setup();
    const good = await open(url);
    const stuck = connect(Number(url.port), '127.0.0.1');
    stuck.on('error', () => {});
    stuck.write('GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    stuck.pause();
    await vi.waitFor(() => expect(hub.size).toBe(2), { timeout: 30_000 });
    const big = 'x'.repeat(500_000);
    await vi.waitFor(() => {
      hub.broadcast({ event: 'big', data: big });
      expect(seen.dropped).toBe(1);
    }, 30_000);
    await vi.waitFor(() => expect(hub.size).toBe(1), { timeout: 30_000 });
    hub.broadcast({ event: 'after', data: 1 });
    await vi.waitFor(() => expect(good.state.text).toContain('event: after'), 30_000);
    stuck.destroy();
    good.leave();
  });

  it('ends every stream and takes no new one once it is closed', async () => {
    const { hub, url } = await setup();
    const reader = await open(url);
    await vi.waitFor(() => expect(hub.size).toBe(1), { timeout: 30_000 });
    hub.close();
    await vi.waitFor(() => expect(reader.state.ended).toBe(true), { timeout: 30_000 });
    expect(hub.size).toBe(0);
  });
});
