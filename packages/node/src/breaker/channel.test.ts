import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Delivery, DeliveryAnswer } from '../push/transport.ts';
import { testPharos } from '../testing/harness.ts';
import { ManualClock, settle } from '../testing/manual-clock.ts';
import { readCommands } from './commands.ts';

interface Sent {
  readonly path: string;
  readonly body: {
    readonly session: string;
    readonly leaving: boolean;
    readonly breakers: readonly { readonly name: string; readonly state: string; readonly forced: boolean }[];
    readonly transitions: readonly { readonly seq: number; readonly to: string; readonly reason: string }[];
    readonly acks: readonly { readonly id: string; readonly outcome: string }[];
  };
}

const OK: DeliveryAnswer = { status: 200, retryAfterSeconds: undefined, body: '{"commands":[]}' };
const boom = (): Promise<never> => Promise.reject(new Error('boom'));

/** A Pharos that answers reports at once and holds questions until it is told to answer them. */
class FakePharos {
  readonly sent: Sent[] = [];
  alive = true;
  answer: DeliveryAnswer = OK;
  readonly #held: ((answer: DeliveryAnswer) => void)[] = [];

  readonly transport = (delivery: Delivery): Promise<DeliveryAnswer> => {
    const path = new URL(delivery.url).pathname;
    if (!path.startsWith('/api/v1/breakers/')) return Promise.resolve(OK);
    this.sent.push({ path, body: JSON.parse(Buffer.from(delivery.body).toString()) as Sent['body'] });
    if (!this.alive) return Promise.reject(new Error('refused'));
    if (path.endsWith('report')) return Promise.resolve(this.answer);
    return new Promise((resolve, reject) => {
      this.#held.push(resolve);
      delivery.signal.addEventListener('abort', () => reject(new Error('gone')));
    });
  };

  command(...commands: object[]): void {
    for (const answer of this.#held.splice(0)) answer({ ...OK, body: JSON.stringify({ commands }) });
  }

  get reports(): Sent[] {
    return this.sent.filter(({ path }) => path.endsWith('report'));
  }
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function setup(breakers: { push?: boolean; commands?: boolean } = {}) {
  const clock = new ManualClock();
  const upstream = new FakePharos();
  const { pharos, logs } = testPharos({
    clock,
    random: () => 0.5,
    breakers,
    push: { url: 'http://pharos.test', transport: upstream.transport },
  });
  stops.push(async () => {
    const stopped = pharos.stop(0);
    await clock.advance(10);
    await stopped;
  });
  const breaker = pharos.breakers.create('user-client', { failureThreshold: 1, timeout: 5_000 });
  await clock.advance(1);
  return { clock, upstream, pharos, logs, breaker };
}

/** As much of opossum's breaker as is looked at. */
const opossumLike = (options: object) => ({
  name: 'legacy',
  opened: false,
  halfOpen: false,
  options,
  ...Object.fromEntries(
    ['fire', 'open', 'close', 'enable', 'disable', 'on', 'off'].map((method) => [method, () => undefined]),
  ),
});

const force = (id: string, more: object = {}) => ({
  id,
  action: 'force_open',
  breakers: ['user-client'],
  for_ms: 10_000,
  by: 'ada',
  reason: 'maintenance',
  ...more,
});

describe('the channel of breakers', () => {
  it('tells of breakers and of each change at once, and again what was not taken', async () => {
    const { clock, upstream, breaker } = await setup();
    expect(upstream.reports.map(({ body }) => body.breakers)).toEqual([
      [expect.objectContaining({ name: 'user-client', service: 'user', state: 'CLOSED', kind: 'pharos' })],
    ]);
    upstream.alive = false;
    await breaker.execute(boom).catch(() => {});
    await clock.advance(300);
    expect(upstream.reports.at(-1)?.body.transitions).toMatchObject([
      { seq: 1, to: 'OPEN', reason: 'tripped' },
    ]);
    upstream.alive = true;
    await clock.advance(2_000);
    expect(upstream.reports.at(-1)?.body.transitions).toMatchObject([{ seq: 1, to: 'OPEN' }]);
    const sessions = new Set(upstream.sent.map(({ body }) => body.session));
    expect(sessions.size).toBe(1);
    // Time alone brings it to half-open, and Pharos hears of that too, without a call.
    await clock.advance(5_000);
    expect(upstream.reports.at(-1)?.body.transitions).toMatchObject([{ seq: 2, to: 'HALF_OPEN' }]);
  });

  it('tells of counts that changed at a slow beat, and nothing while nothing changes', async () => {
    const { clock, upstream, breaker } = await setup();
    for (let i = 0; i < 10; i++) await breaker.execute(() => i);
    await clock.advance(14_000);
    expect(upstream.reports.length).toBe(1);
    await clock.advance(2_000);
    expect(upstream.reports.length).toBe(2);
    // The interval of the counts ends once; questions for commands come and go.
    for (let i = 0; i < 6; i++) {
      upstream.command();
      await clock.advance(20_000);
    }
    expect(upstream.reports.length).toBe(3);
  });

  it('obeys a command that is given again for a breaker that was made after it', async () => {
    const { clock, upstream, pharos } = await setup();
    upstream.command(force('c1'));
    await clock.advance(300);
    const later = pharos.breakers.create('late-client');
    await clock.advance(1_500);
    upstream.command(force('c1', { breakers: ['late-client'] }));
    await clock.advance(300);
    expect(later.snapshot()).toMatchObject({ state: 'OPEN', forced: true });
    expect(upstream.reports.at(-1)?.body.acks).toEqual([
      { id: 'c1', breaker: 'late-client', outcome: 'applied' },
    ]);
  });

  it('leaves out what Pharos would refuse, so that the other breakers are told of', async () => {
    const { clock, upstream, pharos } = await setup();
    pharos.breakers.create('x'.repeat(201));
    pharos.breakers.create('-client', { timeout: Number.MAX_VALUE });
    pharos.breakers.watch(opossumLike({ resetTimeout: Number.POSITIVE_INFINITY, timeout: 5 }));
    await clock.advance(300);
    expect(upstream.reports.at(-1)?.body.breakers).toMatchObject([
      { name: 'user-client' },
      { name: '-client', service: '-client' },
      { name: 'legacy', settings: { timeout: 5 } },
    ]);
  });

  it('obeys a command once, acknowledges it, and ends the hold by itself', async () => {
    const { clock, upstream, breaker, logs } = await setup();
    upstream.command(force('c1'));
    await clock.advance(300);
    expect(breaker.snapshot()).toMatchObject({ state: 'OPEN', forced: true });
    expect(upstream.reports.at(-1)?.body.acks).toEqual([
      { id: 'c1', breaker: 'user-client', outcome: 'applied' },
    ]);
    expect(logs.lines.find(({ message }) => message === 'circuit breaker commanded by Pharos')).toMatchObject(
      {
        context: { action: 'force_open', by: 'ada', reason: 'maintenance' },
      },
    );
    breaker.reset();
    upstream.command(force('c1'));
    await clock.advance(300);
    expect(breaker.snapshot()).toMatchObject({ state: 'CLOSED', forced: false });
    await clock.advance(1_500);
    upstream.command(force('c2'));
    await clock.advance(300);
    upstream.alive = false;
    await clock.advance(10_000);
    expect(breaker.snapshot()).toMatchObject({ state: 'HALF_OPEN', forced: false });
    expect(await breaker.execute(() => 1)).toBe(1);
  });

  it('resets, holds closed and releases; says what it cannot do', async () => {
    const { clock, upstream, breaker } = await setup();
    const acks = async (command: object): Promise<unknown> => {
      upstream.command(command);
      await clock.advance(1_500);
      return upstream.reports.at(-1)?.body.acks.map(({ id, outcome }) => `${id} ${outcome}`);
    };
    expect(await acks(force('a', { action: 'force_closed' }))).toEqual(['a applied']);
    await breaker.execute(boom).catch(() => {});
    expect(breaker.state).toBe('CLOSED');
    expect(await acks({ id: 'b', action: 'release', breakers: ['user-client'] })).toEqual(['b applied']);
    await breaker.execute(boom).catch(() => {});
    expect(breaker.state).toBe('OPEN');
    expect(await acks({ id: 'c', action: 'reset', breakers: ['user-client', 'nobody'] })).toEqual([
      'c applied',
      'c unknown',
    ]);
    expect(breaker.state).toBe('CLOSED');
  });

  it.each([{ commands: false }, { push: false }])('takes no commands with %o', async (options) => {
    const { clock, upstream, breaker } = await setup(options);
    upstream.answer = { ...OK, body: JSON.stringify({ commands: [force('c1')] }) };
    await breaker.execute(boom).catch(() => {});
    await clock.advance(60_000);
    expect(breaker.snapshot().forced).toBe(false);
    expect(upstream.sent.some(({ path }) => path.endsWith('poll'))).toBe(false);
  });

  it('asks a Pharos that is gone less and less often, and finds it again', async () => {
    const { clock, upstream, breaker } = await setup();
    upstream.alive = false;
    upstream.command();
    const before = upstream.sent.length;
    await breaker.execute(boom).catch(() => {});
    await clock.advance(600_000);
    expect(upstream.sent.length - before).toBeLessThan(600_000 / 7_500 + 20);
    upstream.alive = true;
    await clock.advance(16_000);
    upstream.command(force('late'));
    await clock.advance(300);
    expect(breaker.snapshot().forced).toBe(true);
  });

  it('does not hurry with whoever answers everything at once', async () => {
    const { clock, upstream } = await setup();
    const before = upstream.sent.length;
    for (let i = 0; i < 100; i++) {
      upstream.command();
      await clock.advance(100);
    }
    expect(upstream.sent.length - before).toBeLessThan(25);
  });

  it('says goodbye', async () => {
    const { clock, upstream, pharos } = await setup();
    const stopped = pharos.stop(100);
    await clock.advance(200);
    await stopped;
    await settle();
    expect(upstream.reports.at(-1)?.body.leaving).toBe(true);
  });
});

describe('readCommands', () => {
  it('leaves out what is no command, and a hold without an end', () => {
    const bad = [
      {},
      null,
      'x',
      { id: 1 },
      force(''),
      force('a', { action: 'explode' }),
      force('b', { for_ms: null }),
      force('c', { for_ms: 1e12 }),
      force('d', { breakers: 'user-client' }),
    ];
    expect(readCommands(JSON.stringify({ commands: [...bad, force('good')] })).map(({ id }) => id)).toEqual([
      'good',
    ]);
  });

  it('survives any answer', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => `{"commands":[${json}]}`),
        ),
        (body) => {
          for (const command of readCommands(body)) expect(command.id.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});
