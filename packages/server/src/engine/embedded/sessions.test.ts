import { expect, test } from 'vitest';
import { engineErrors } from '../errors.ts';
import type { DriverSession } from './driver.ts';
import { SessionPool } from './sessions.ts';

interface Call {
  readonly session: number;
  readonly statement: string;
  readonly answer: (bytes: Uint8Array) => void;
  readonly fail: (error: Error) => void;
}

/** A driver whose statements end when the test says so; a second statement on a busy session is a failure of the pool. */
function fakeDriver() {
  const calls: Call[] = [];
  const closed: number[] = [];
  let sessions = 0;
  const open = (): DriverSession => {
    const session = sessions++;
    let busy = false;
    return {
      run(statement) {
        if (busy) throw new Error('two statements in flight on one session');
        busy = true;
        return new Promise((resolve, reject) => {
          const end = () => {
            busy = false;
          };
          calls.push({
            session,
            statement,
            answer: (bytes) => {
              end();
              resolve(bytes);
            },
            fail: (error) => {
              end();
              reject(error);
            },
          });
        });
      },
      close: () => closed.push(session),
    };
  };
  let discarded = 0;
  const pool = (size: number, waiting: number): SessionPool =>
    new SessionPool(open, size, waiting, () => discarded++);
  return { open, pool, calls, closed, opened: () => sessions, discarded: () => discarded };
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};
const forever = (): AbortSignal => new AbortController().signal;
const nothing = (): void => {};

test('one statement per session, the rest wait in order', async () => {
  const driver = fakeDriver();
  const pool = driver.pool(2, 10);
  const answers = ['a', 'b', 'c', 'd'].map((text) => pool.run(text, forever(), nothing));
  await settle();
  expect(driver.calls.map((call) => call.statement)).toEqual(['a', 'b']);
  driver.calls[1]?.answer(Uint8Array.of(2));
  await settle();
  expect(driver.calls.map((call) => call.statement)).toEqual(['a', 'b', 'c']);
  expect(driver.calls[2]?.session).toBe(1);
  driver.calls[0]?.answer(Uint8Array.of(1));
  await settle();
  driver.calls[2]?.answer(Uint8Array.of(3));
  driver.calls[3]?.answer(Uint8Array.of(4));
  expect(await Promise.all(answers)).toEqual([1, 2, 3, 4].map((byte) => Uint8Array.of(byte)));
  expect([driver.opened(), driver.discarded()]).toEqual([2, 0]);
});

test('a session whose statement failed is closed and never used again', async () => {
  const driver = fakeDriver();
  const pool = driver.pool(1, 10);
  const failing = pool.run('bad', forever(), nothing);
  const next = pool.run('good', forever(), nothing);
  await settle();
  driver.calls[0]?.fail(new Error('no'));
  await expect(failing).rejects.toThrow('no');
  await settle();
  expect(driver.closed).toEqual([0]);
  expect(driver.calls[1]).toMatchObject({ session: 1, statement: 'good' });
  driver.calls[1]?.answer(Uint8Array.of(1));
  await next;
  expect(driver.discarded()).toBe(1);
});

test('an aborted statement costs its session, even when it answered', async () => {
  const driver = fakeDriver();
  const pool = driver.pool(1, 10);
  const abort = new AbortController();
  const run = pool.run('long', abort.signal, nothing);
  await settle();
  abort.abort();
  driver.calls[0]?.answer(Uint8Array.of(1));
  await run;
  expect([driver.closed, driver.discarded()]).toEqual([[0], 1]);
});

test('an abort while waiting leaves the queue and costs nothing', async () => {
  const driver = fakeDriver();
  const pool = driver.pool(1, 10);
  const first = pool.run('a', forever(), nothing);
  const abort = new AbortController();
  const waiting = pool.run('b', abort.signal, nothing);
  const last = pool.run('c', forever(), nothing);
  abort.abort();
  await expect(waiting).rejects.toSatisfy((error) => engineErrors.is(error, 'canceled'));
  driver.calls[0]?.answer(new Uint8Array(0));
  await first;
  await settle();
  expect(driver.calls.map((call) => call.statement)).toEqual(['a', 'c']);
  driver.calls[1]?.answer(new Uint8Array(0));
  await last;
  expect(driver.discarded()).toBe(0);
});

test('more than may wait are refused at once', async () => {
  const driver = fakeDriver();
  const pool = driver.pool(1, 1);
  void pool.run('a', forever(), nothing);
  void pool.run('b', forever(), nothing);
  await expect(pool.run('c', forever(), nothing)).rejects.toSatisfy((error) =>
    engineErrors.is(error, 'resource'),
  );
});

test('a session that does not open gives its place back', async () => {
  const driver = fakeDriver();
  let broken = true;
  const pool = new SessionPool(
    () => {
      if (broken) throw new Error('cannot open');
      return driver.open();
    },
    1,
    10,
    nothing,
  );
  await expect(pool.run('a', forever(), nothing)).rejects.toThrow('cannot open');
  broken = false;
  const run = pool.run('b', forever(), nothing);
  await settle();
  driver.calls[0]?.answer(new Uint8Array(0));
  await run;
});

test('a session that does not open does not strand who waits for it', async () => {
  const driver = fakeDriver();
  let opens = 0;
  const pool = new SessionPool(
    () => {
      opens++;
      if (opens === 2) throw new Error('cannot open');
      return driver.open();
    },
    1,
    10,
    nothing,
  );
  const failing = pool.run('a', forever(), nothing);
  const second = pool.run('b', forever(), nothing);
  const third = pool.run('c', forever(), nothing);
  await settle();
  driver.calls[0]?.fail(new Error('no'));
  await expect(failing).rejects.toThrow('no');
  await expect(second).rejects.toThrow('cannot open');
  await settle();
  driver.calls[1]?.answer(new Uint8Array(0));
  await third;
});

test('closing refuses who waits and closes what is idle', async () => {
  const driver = fakeDriver();
  const pool = driver.pool(2, 10);
  const first = pool.run('a', forever(), nothing);
  const second = pool.run('b', forever(), nothing);
  const waiting = pool.run('c', forever(), nothing);
  await settle();
  driver.calls[0]?.answer(new Uint8Array(0));
  driver.calls[1]?.answer(new Uint8Array(0));
  pool.close();
  await expect(waiting).rejects.toSatisfy((error) => engineErrors.is(error, 'gone'));
  await Promise.all([first, second]);
  await settle();
  expect(driver.closed.toSorted((a, b) => a - b)).toEqual([0, 1]);
  await expect(pool.run('d', forever(), nothing)).rejects.toSatisfy((error) =>
    engineErrors.is(error, 'gone'),
  );
});
