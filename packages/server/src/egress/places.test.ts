import fc from 'fast-check';
import { expect, it } from 'vitest';
import { egressErrors } from './errors.ts';
import { Places } from './places.ts';

const never = new AbortController().signal;

it('lets so many in, the others in order, and refuses more than may wait', async () => {
  const places = new Places(1, 2);
  const first = await places.take(never);
  const order: string[] = [];
  const second = places.take(never).then((give) => (order.push('second'), give));
  const third = places.take(never).then((give) => (order.push('third'), give));
  const refused = await places.take(never).catch((error: unknown) => error);
  expect([egressErrors.is(refused, 'busy'), places.taken, places.waiting]).toEqual([true, 1, 2]);
  first();
  first();
  (await second)();
  (await third)();
  expect([order, places.taken, places.waiting]).toEqual([['second', 'third'], 0, 0]);
});

it('forgets who gave up', async () => {
  const places = new Places(1, 5);
  const give = await places.take(never);
  const gone = new AbortController();
  const waiting = places.take(gone.signal);
  gone.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(places.take(gone.signal)).rejects.toThrow('enough');
  give();
  expect([places.taken, places.waiting]).toEqual([0, 0]);
});

it('never lets more in than it has, and loses no place, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.constantFrom('take', 'give', 'abort'), { maxLength: 60 }),
      async (most, steps) => {
        const places = new Places(most, 1000);
        const held: (() => void)[] = [];
        const waiting: AbortController[] = [];
        for (const step of steps) {
          if (step === 'give') held.shift()?.();
          else if (step === 'abort') waiting.shift()?.abort(new Error('gone'));
          else {
            const controller = new AbortController();
            waiting.push(controller);
            places.take(controller.signal).then(
              (give) => {
                waiting.splice(waiting.indexOf(controller), 1);
                held.push(give);
              },
              () => {},
            );
          }
          for (let i = 0; i < 5; i++) await Promise.resolve();
          expect(held.length).toBe(places.taken);
          expect(places.taken).toBeLessThanOrEqual(most);
        }
        while (held.length > 0) {
          held.shift()?.();
          for (let i = 0; i < 5; i++) await Promise.resolve();
        }
        expect([places.taken, places.waiting]).toEqual([0, 0]);
      },
    ),
  );
});
