import { describe, expect, it } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { CommitQueue } from './commit-queue.ts';
import { settle } from './testing/setup.ts';

function queue(batchBytes = 100) {
  const clock = new ManualClock();
  const batches: string[][] = [];
  const ends: (() => void)[] = [];
  const committed = new CommitQueue<string, string>({
    batchBytes,
    clock,
    commit: async (batch) => {
      batches.push(batch.map(({ item }) => item));
      await new Promise<void>((resolve) => ends.push(resolve));
      for (const { item, resolve } of batch) resolve(item);
    },
  });
  return { clock, batches, committed, end: () => ends.shift()?.() };
}

describe('requests without patience', () => {
  it('go at once, and together when they came while the disk was busy', async () => {
    const { batches, committed, end } = queue();
    const first = committed.add('a', 1);
    await settle();
    const others = [committed.add('b', 60), committed.add('c', 30), committed.add('d', 30)];
    await settle();
    expect(batches).toEqual([['a']]);
    end();
    await expect(first).resolves.toBe('a');
    await settle();
    expect(batches).toEqual([['a'], ['b', 'c']]);
    expect(committed.bytes).toBe(30);
    end();
    await settle();
    end();
    expect(await Promise.all(others)).toEqual(['b', 'c', 'd']);
    expect(batches).toEqual([['a'], ['b', 'c'], ['d']]);
  });
});

describe('requests with patience', () => {
  it('wait for others no longer than they said', async () => {
    const { clock, batches, committed, end } = queue();
    const waits = [committed.add('a', 1, 200)];
    await clock.advance(150);
    waits.push(committed.add('b', 1, 200));
    await clock.advance(49);
    expect(batches).toEqual([]);
    await clock.advance(1);
    await settle();
    expect(batches).toEqual([['a', 'b']]);
    end();
    expect(await Promise.all(waits)).toEqual(['a', 'b']);
  });

  it('are taken along by one that has none, or less', async () => {
    const { clock, batches, committed, end } = queue();
    void committed.add('a', 1, 200);
    void committed.add('b', 1);
    await settle();
    expect(batches).toEqual([['a', 'b']]);
    end();
    void committed.add('c', 1, 200);
    void committed.add('d', 1, 50);
    await clock.advance(50);
    await settle();
    expect(batches).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    end();
    await committed.idle();
  });

  it('that came while the disk was busy still wait', async () => {
    const { clock, batches, committed, end } = queue();
    void committed.add('a', 1);
    await settle();
    void committed.add('b', 1, 200);
    end();
    await settle();
    expect(batches).toEqual([['a']]);
    await clock.advance(200);
    await settle();
    expect(batches).toEqual([['a'], ['b']]);
    end();
    await committed.idle();
  });

  it('go at once when many bytes are together, and at the end', async () => {
    const { batches, committed, end } = queue(2 ** 30);
    void committed.add('a', 2 ** 19, 200);
    await settle();
    expect(batches).toEqual([]);
    void committed.add('b', 2 ** 19, 200);
    await settle();
    expect(batches).toEqual([['a', 'b']]);
    end();
    void committed.add('c', 1, 200);
    const idle = committed.idle();
    await settle();
    expect(batches).toEqual([['a', 'b'], ['c']]);
    end();
    await idle;
  });
});
