import { expect, it } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import { Deadlines } from './deadlines.ts';

function setup() {
  const clock = new ManualClock();
  const deadlines = new Deadlines(clock);
  const ran: string[] = [];
  const add = (name: string, delay: number) =>
    deadlines.after(delay, () => ran.push(`${name}@${clock.monotonic()}`));
  return { clock, deadlines, ran, add };
}

it('runs each when its time is over, whatever the order they were set in', async () => {
  const { clock, ran, add } = setup();
  add('late', 300);
  add('early', 100);
  await clock.advance(50);
  add('between', 100);
  await clock.advance(1000);
  expect(ran).toEqual(['early@100', 'between@150', 'late@300']);
});

it('never runs what is cancelled, also by another of the same moment', async () => {
  const { clock, deadlines, ran, add } = setup();
  const gone = add('gone', 100);
  add('stays', 200);
  gone.cancel();
  gone.cancel();
  await clock.advance(150);
  deadlines.after(50, () => other.cancel());
  const other = add('other', 50);
  await clock.advance(1000);
  expect(ran).toEqual(['stays@200']);
});

it('takes new ones while it runs others, and after all of them are gone', async () => {
  const { clock, deadlines, ran, add } = setup();
  deadlines.after(10, () => add('next', 5));
  await clock.advance(100);
  add('again', 10);
  await clock.advance(10);
  expect(ran).toEqual(['next@15', 'again@110']);
});
