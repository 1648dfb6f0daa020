import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogLine } from './lines.ts';
import {
  arrived,
  cleared,
  EMPTY_TAIL,
  hold,
  MOST_HELD,
  MOST_SHOWN,
  type TailBuffer,
  waitingOf,
} from './tail-buffer.ts';

function line(number: number): LogLine {
  return {
    key: `${number}`,
    ns: BigInt(number),
    at: number,
    text: `line ${number}`,
    level: 'info',
    service: 'order',
    stream: {},
    metadata: {},
    parsed: {},
  };
}
const lines = (from: number, to: number): LogLine[] =>
  Array.from({ length: to - from }, (_, index) => line(from + index));
const texts = ({ shown }: TailBuffer): string[] =>
  shown.map((row) => ('line' in row ? row.line.text : `(${row.note})`));

describe('what a live view has', () => {
  it('shows what comes, and stands still while it is held', () => {
    const live = arrived(EMPTY_TAIL, lines(0, 2));
    const held = arrived(hold(live, true), [...lines(2, 4), 'a gap', line(4)]);
    expect(texts(held)).toEqual(['line 0', 'line 1']);
    expect(waitingOf(held)).toBe(3);
    const on = hold(held, false);
    expect(texts(on)).toEqual(['line 0', 'line 1', 'line 2', 'line 3', '(a gap)', 'line 4']);
    expect(waitingOf(on)).toBe(0);
    expect(texts(arrived(cleared(on), [line(5)]))).toEqual(['line 5']);
  });

  it('says how many lines had to go while it was held', () => {
    const held = arrived(hold(arrived(EMPTY_TAIL, lines(0, 1)), true), lines(1, MOST_HELD + 11));
    expect(waitingOf(held)).toBe(MOST_HELD + 10);
    const on = texts(hold(arrived(held, []), false));
    expect(on.slice(0, 3)).toEqual([
      'line 0',
      '(Not shown: 10 lines that came while this was held)',
      'line 11',
    ]);
    expect(on.at(-1)).toBe(`line ${MOST_HELD + 10}`);
  });

  it('is bounded, in order, and counts every line, whatever happens', () => {
    const step = fc.oneof(
      fc.nat({ max: 4000 }).map((many) => ({ many })),
      fc.boolean().map((isHeld) => ({ isHeld })),
      fc.constant('clear' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let buffer = EMPTY_TAIL;
        let sent = 0;
        for (const one of steps) {
          if (one === 'clear') buffer = cleared(buffer);
          else if ('isHeld' in one) buffer = hold(buffer, one.isHeld);
          else {
            buffer = arrived(buffer, lines(sent, sent + one.many));
            sent += one.many;
          }
          expect(buffer.shown.length).toBeLessThanOrEqual(MOST_SHOWN);
          expect(buffer.held.length).toBeLessThanOrEqual(MOST_HELD);
        }
        const all = [...buffer.shown, ...buffer.held];
        expect(buffer.received).toBe(sent);
        expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
        const numbers = all.flatMap((row) => ('line' in row ? [Number(row.line.ns)] : []));
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
        if (all.length > 0 && sent > 0 && numbers.length > 0) expect(numbers.at(-1)).toBe(sent - 1);
      }),
      { numRuns: 40 },
    );
  });
});
