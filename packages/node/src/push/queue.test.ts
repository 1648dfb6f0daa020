import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContextStore } from '../context/context.ts';
import { createLogger } from '../logs/logger.ts';
import { LogLines } from '../testing/harness.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { DeliveryQueue, type Parcel } from './queue.ts';
import type { Delivery, DeliveryAnswer } from './transport.ts';

interface Setup {
  readonly clock: ManualClock;
  readonly queue: DeliveryQueue;
  readonly sent: string[];
  readonly logs: LogLines;
}

function setup(answer: (delivery: Delivery) => Promise<DeliveryAnswer> | number, maxBytes = 1_000): Setup {
  const clock = new ManualClock();
  const logs = new LogLines();
  const sent: string[] = [];
  const contexts = new ContextStore({ startTraces: false, sampler: 1, random: () => 0.5 });
  const logger = createLogger({
    service: 's',
    level: 'info',
    clock,
    contexts,
    destination: logs,
    maskKeys: new Set(),
  });
  const transport = async (delivery: Delivery): Promise<DeliveryAnswer> => {
    sent.push(Buffer.from(delivery.body).toString());
    const given = answer(delivery);
    return typeof given === 'number' ? { status: given, retryAfterSeconds: undefined } : await given;
  };
  const push = {
    url: 'http://x',
    token: 't',
    intervalMs: 1,
    healthIntervalMs: 1,
    timeoutMs: 5_000,
    maxBufferBytes: 1,
    transport,
  };
  const queue = new DeliveryQueue({
    purpose: 'metrics',
    maxBytes,
    push,
    clock,
    random: () => 0.5,
    logger,
    contexts,
  });
  return { clock, queue, sent, logs };
}

const parcel = (text: string, url = 'http://x/a'): Parcel => ({ url, headers: {}, body: Buffer.from(text) });

describe('DeliveryQueue', () => {
  it('delivers one after another, in order, with the token', async () => {
    const seen: (string | undefined)[] = [];
    const { clock, queue, sent } = setup(({ headers }) => {
      seen.push(headers.authorization);
      return 200;
    });
    for (const text of ['1', '2', '3']) queue.add(parcel(text));
    await clock.advance(0);
    expect(sent).toEqual(['1', '2', '3']);
    expect(seen[0]).toBe('Bearer t');
    expect(queue.bytes).toBe(0);
    queue.add(parcel('4'));
    await clock.advance(0);
    expect(sent.at(-1)).toBe('4');
  });

  it('backs off with jitter while it fails, says so once, and delivers all in order when it works again', async () => {
    let status = 503;
    const { clock, queue, sent, logs } = setup(() => status);
    queue.add(parcel('1'));
    await clock.advance(0);
    queue.add(parcel('2'));
    await clock.advance(499);
    expect(sent).toEqual(['1']);
    await clock.advance(1);
    expect(sent).toEqual(['1', '1']);
    await clock.advance(1_000);
    expect(sent).toEqual(['1', '1', '1']);
    status = 204;
    await clock.advance(60_000);
    expect(sent.slice(3)).toEqual(['1', '2']);
    expect(logs.messages()).toEqual([
      'pushing metrics to Pharos failed',
      'pushing metrics to Pharos works again',
    ]);
  });

  it('waits as long as it is asked to', async () => {
    const { clock, queue, sent } = setup(() => Promise.resolve({ status: 429, retryAfterSeconds: 120 }));
    queue.add(parcel('1'));
    await clock.advance(119_000);
    expect(sent).toHaveLength(1);
    await clock.advance(1_000);
    expect(sent).toHaveLength(2);
  });

  it('drops what is refused for good, and goes on', async () => {
    const { clock, queue, sent } = setup(({ body }) => (body[0] === 49 ? 400 : 200));
    queue.add(parcel('1'));
    queue.add(parcel('2'));
    await clock.advance(0);
    expect(sent).toEqual(['1', '2']);
    expect([queue.dropped, queue.bytes]).toEqual([1, 0]);
  });

  it('ends a delivery that hangs', async () => {
    let signal: AbortSignal | undefined;
    const { clock, queue } = setup((delivery) => {
      signal = delivery.signal;
      return new Promise(() => {});
    });
    queue.add(parcel('1'));
    await clock.advance(5_000);
    expect(signal?.aborted).toBe(true);
    expect(queue.bytes).toBe(1);
  });

  it('keeps only the newest state of an address', async () => {
    let status = 503;
    const { clock, queue, sent } = setup(() => status);
    queue.replace(parcel('a1', 'a'));
    await clock.advance(0);
    for (const text of ['a2', 'a3']) queue.replace(parcel(text, 'a'));
    queue.replace(parcel('b1', 'b'));
    status = 200;
    await clock.advance(60_000);
    expect(sent.slice(1)).toEqual(['a3', 'b1']);
  });

  it('tries once more at the end, within the deadline, and takes nothing after', async () => {
    let status = 503;
    const { clock, queue, sent } = setup(() => status);
    queue.add(parcel('1'));
    await clock.advance(0);
    status = 200;
    const stopped = queue.stop(1_000);
    await clock.advance(0);
    await stopped;
    queue.add(parcel('2'));
    await clock.advance(60_000);
    expect(sent).toEqual(['1', '1']);
    expect(clock.pending).toBe(0);
  });

  it('gives up at the deadline and aborts what is on its way', async () => {
    let signal: AbortSignal | undefined;
    const { clock, queue } = setup((delivery) => {
      signal = delivery.signal;
      return new Promise(() => {});
    });
    queue.add(parcel('1'));
    await clock.advance(0);
    const stopped = queue.stop(1_000);
    await clock.advance(1_000);
    await stopped;
    expect(signal?.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('never holds more than its bytes, and keeps the newest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(400), { maxLength: 60 }), async (sizes) => {
        const { clock, queue } = setup(() => 503);
        for (const size of sizes) {
          queue.add(parcel('x'.repeat(size)));
          expect(queue.bytes).toBeLessThanOrEqual(1_000);
          await clock.advance(100);
        }
        expect(queue.bytes).toBeGreaterThanOrEqual(Math.min(sizes.at(-1) ?? 0, 1_000));
      }),
      { numRuns: 30 },
    );
  });
});
