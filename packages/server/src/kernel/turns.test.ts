import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

it('runs work on one key in order, on others beside it, also after a failure, and keeps nothing', async () => {
  const turns = new Turns();
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    log.push(`${name} begins`);
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
  };
  const first = turns.take('a', work('first'));
  const second = turns.take('a', () => Promise.reject(new Error('no')));
  const third = turns.take('a', work('third'));
  const other = turns.take('b', work('other'));
  await Promise.resolve();
  expect(log).toEqual(['first begins', 'other begins']);
  ends.get('first')?.();
  expect(await first).toBe('first');
  await expect(second).rejects.toThrow('no');
  await expect.poll(() => log.at(-1)).toBe('third begins');
  ends.get('third')?.();
  ends.get('other')?.();
  expect(await Promise.all([third, other])).toEqual(['third', 'other']);
  expect(turns.size).toBe(0);
});
