import { describe, expect, it } from 'vitest';
import { NO_SEQUENCE, SEQUENCE_MS, sequenceStep } from './sequence.ts';

const KNOWN = ['g o', 'g s', 'j', '?', 's'];

function type(...keys: readonly (readonly [string, number])[]): (string | null)[] {
  let state = NO_SEQUENCE;
  return keys.map(([key, at]) => {
    const step = sequenceStep(state, key, at, KNOWN);
    state = step.next;
    return step.run;
  });
}

describe('key sequences', () => {
  it('runs single keys at once and sequences at their end', () => {
    expect(type(['j', 0])).toEqual(['j']);
    expect(type(['g', 0], ['o', 100])).toEqual([null, 'g o']);
  });

  it('prefers the longer sequence over its last key alone', () => {
    expect(type(['g', 0], ['s', 10])).toEqual([null, 'g s']);
  });

  it('forgets a beginning after a while, or after a key that does not fit', () => {
    expect(type(['g', 0], ['o', SEQUENCE_MS + 1])).toEqual([null, null]);
    expect(type(['g', 0], ['j', 10], ['o', 20])).toEqual([null, 'j', null]);
    expect(type(['g', 0], ['g', 10], ['o', 20])).toEqual([null, null, 'g o']);
  });
});
