import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ChangeLog } from './change-log.ts';

type Step = { readonly from: number } | 'mark';

const steps = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 30 }).map((from): Step => ({ from })),
    fc.constant<Step>('mark'),
  ),
  { maxLength: 60 },
);

it('tells the oldest change since a mark', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const log = new ChangeLog();
      const marks: { readonly mark: number; oldest: number }[] = [];
      for (const step of all) {
        if (step === 'mark') marks.push({ mark: log.mark('a'), oldest: Infinity });
        else {
          log.note('a', step.from);
          for (const one of marks) one.oldest = Math.min(one.oldest, step.from);
        }
        for (const { mark, oldest } of marks) expect(log.unchangedBefore('a', mark)).toBe(oldest);
      }
    }),
  );
});

it('takes old changes together rather than growing, and never says too little', () => {
  const log = new ChangeLog();
  const marks: number[] = [];
  for (let i = 0; i < 10_000; i++) {
    marks.push(log.mark('a'));
    log.note('a', i);
  }
  for (const [i, mark] of marks.entries()) expect(log.unchangedBefore('a', mark)).toBeLessThanOrEqual(i);
  expect(log.unchangedBefore('a', marks.at(-1) ?? 0)).toBe(9_999);
  expect(log.unchangedBefore('a', marks.at(-900) ?? 0)).toBe(9_100);
});

it('keeps tenants apart, except for what concerns all', () => {
  const log = new ChangeLog();
  const [a, b] = [log.mark('a'), log.mark('b')];
  log.note('a', 5);
  expect([log.unchangedBefore('a', a), log.unchangedBefore('b', b)]).toEqual([5, Infinity]);
  log.noteAll();
  expect([log.unchangedBefore('a', a), log.unchangedBefore('b', b)]).toEqual([-Infinity, -Infinity]);
});
