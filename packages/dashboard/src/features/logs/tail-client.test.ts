import { describe, expect, it } from 'vitest';
import { TailClient, type TailParts, type TailState } from './tail-client.ts';

function frame(times: readonly number[], more: object = {}): string {
  const values = times.map((time) => [String(time), `line ${time}`, {}]);
  return JSON.stringify({ streams: [{ stream: { service_name: 'order' }, values }], ...more });
}

/** A client whose sockets and timers the test holds. */
function setup() {
  const opened: { params: Readonly<Record<string, string>>; handlers: Parameters<TailParts['open']>[1] }[] =
    [];
  const timers: { ms: number; run: () => void; cancelled: boolean }[] = [];
  const states: TailState[] = [];
  const came: string[] = [];
  const clock = { now: 1_000_000 };
  let closed = 0;
  const client = new TailClient(
    '{a="b"}',
    {
      now: () => clock.now,
      after: (ms, run) => {
        const timer = { ms, run, cancelled: false };
        timers.push(timer);
        return () => (timer.cancelled = true);
      },
      open: (params, handlers) => {
        opened.push({ params, handlers });
        return () => void closed++;
      },
    },
    {
      state: (state) => states.push(state),
      arrived: (arrivals) =>
        came.push(...arrivals.map((one) => (typeof one === 'string' ? `(${one})` : one.text))),
    },
  );
  const fire = (): void => {
    for (const timer of timers.splice(0)) if (!timer.cancelled) timer.run();
  };
  const last = () => opened.at(-1) ?? expect.fail('nothing is open');
  return { client, opened, timers, states, came, clock, fire, last, closed: () => closed };
}

describe('following lines', () => {
  it('begins with the last lines, puts each frame in order of time, and shows frames together', () => {
    const { client, last, came, fire, states, closed } = setup();
    client.start();
    expect(last().params).toMatchObject({
      query: '{a="b"}',
      limit: '200',
      encoding_flags: 'categorize-labels',
    });
    last().handlers.opened();
    last().handlers.message(frame([3, 1]));
    last().handlers.message(frame([2]));
    last().handlers.message('{"streams": 1}');
    last().handlers.message('no frame');
    expect(came).toEqual([]);
    fire();
    expect(came).toEqual(['line 1', 'line 3', 'line 2']);
    expect(states.map(({ at }) => at)).toEqual(['connecting', 'live']);
    client.stop();
    expect(closed()).toBe(1);
  });

  it('goes on where it was after a lost connection, with no line twice, waiting ever longer', () => {
    const { client, last, came, fire, states, timers, clock, opened } = setup();
    client.start();
    last().handlers.opened();
    last().handlers.message(frame([5_000_000_000, 5_000_000_001]));
    fire();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      last().handlers.closed('gone');
      waits.push(timers.at(-1)?.ms ?? 0);
      clock.now += 2000;
      fire();
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000]);
    expect(states.at(-2)).toMatchObject({ at: 'lost', reason: 'gone' });
    expect(opened).toHaveLength(7);
    expect(last().params).toMatchObject({ start: '3000000001', limit: '1000' });
    last().handlers.opened();
    last().handlers.message(frame([5_000_000_000, 5_000_000_001, 5_000_000_002]));
    fire();
    expect(came).toEqual(['line 5000000000', 'line 5000000001', 'line 5000000002']);
  });

  it('says what is missing: lines of a long break, and lines that the server dropped', () => {
    const { client, last, came, fire, clock } = setup();
    client.start();
    last().handlers.opened();
    last().handlers.message(frame([1]));
    fire();
    last().handlers.closed('');
    clock.now += 60_000;
    fire();
    last().handlers.opened();
    const many = Array.from({ length: 1000 }, (_, index) => index + 10);
    last().handlers.message(frame(many));
    last().handlers.message(frame([2000], { dropped_entries: [{ labels: {}, timestamp: '1999' }] }));
    fire();
    expect(came[1]).toMatch(/^\(The connection was lost for 60 s/);
    expect(came.slice(-2)).toEqual([
      '(Not shown: 1 line that came faster than this connection takes them)',
      'line 2000',
    ]);
  });

  it('does not wait for the timers of a page that nobody looks at', () => {
    const { client, last, came } = setup();
    client.start();
    for (let part = 0; part < 6; part++)
      last().handlers.message(frame(Array.from({ length: 1000 }, (_, index) => part * 1000 + index)));
    expect(came).toHaveLength(5000);
  });
});
