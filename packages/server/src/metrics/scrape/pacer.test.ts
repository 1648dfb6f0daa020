import { expect, it } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import { ScrapePacer } from './pacer.ts';

function setup() {
  const clock = new ManualClock();
  const pacer = new ScrapePacer(clock);
  const started: string[] = [];
  const under = new Map<string, () => void>();
  return {
    clock,
    started,
    add: (name: string, at: number) =>
      pacer.at(at, (done) => {
        started.push(`${name}@${clock.monotonic()}`);
        under.set(name, done);
      }),
    end: (name: string) => under.get(name)?.(),
  };
}

it('starts what is due at about one moment together, and never what is cancelled', async () => {
  const { clock, started, add } = setup();
  add('late', 2000);
  add('a', 1000);
  add('b', 1003);
  add('gone', 1001).cancel();
  add('c', 1200);
  await clock.advance(999);
  expect(started).toEqual([]);
  await clock.advance(1);
  expect(started).toEqual(['a@1000', 'b@1000']);
  await clock.advance(1000);
  expect(started).toEqual(['a@1000', 'b@1000', 'c@1200', 'late@2000']);
});

it('starts at once what is overdue', async () => {
  const { clock, started, add } = setup();
  await clock.advance(500);
  add('a', 100);
  await clock.advance(0);
  expect(started).toEqual(['a@500']);
});

it('has four of one moment under way at a time; the next start as others end', async () => {
  const { clock, started, add, end } = setup();
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const timers = names.map((name) => add(name, 1000));
  await clock.advance(1000);
  expect(started).toEqual(['a@1000', 'b@1000', 'c@1000', 'd@1000']);
  timers[5]?.cancel();
  await clock.advance(10);
  end('b');
  await clock.advance(15);
  end('a');
  await clock.advance(15);
  expect(started.slice(4)).toEqual(['e@1010', 'g@1025']);
});

it('waits for hung ones no longer than 20 ms, and then starts ever more at once', async () => {
  const { clock, started, add, end } = setup();
  for (let i = 0; i < 40; i++) add(String(i), 1000);
  await clock.advance(1000);
  const counts = [started.length];
  for (let round = 0; round < 4; round++) {
    await clock.advance(20);
    counts.push(started.length);
  }
  expect(counts).toEqual([4, 12, 28, 40, 40]);
  // Those still hung do not hold back the next moment, and their ends start nothing.
  for (let i = 0; i < 6; i++) add(`next${i}`, 2000);
  await clock.advance(920);
  expect(started.length).toBe(44);
  end('0');
  expect(started.length).toBe(44);
  end('next0');
  expect(started.length).toBe(45);
});
