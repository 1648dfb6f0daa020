import { Labels } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import { type Change, compareFirings } from './compare.ts';
import type { Firing } from './spell.ts';

function firing(source: Record<string, string>, firedAt: number, endedAt: number | null): Firing {
  const labels = Labels.fromRecord({ ...source, alertname: 'A' });
  return {
    labels,
    source: Labels.fromRecord(source),
    activeAt: firedAt,
    firedAt,
    endedAt,
    isCut: false,
    value: 1,
    peak: 1,
    annotations: new Map(),
  };
}

const word = (change: Change): string => {
  const of = change.kind === 'removed' ? change.before : change.after;
  return `${change.kind} ${of.source.get('job')} ${of.firedAt}`;
};
const words = (before: readonly Firing[], after: readonly Firing[], ms = 0) =>
  compareFirings(before, after, { ms }).map(word);

describe('two versions of a rule', () => {
  it('have in common what overlaps of the same series', () => {
    const before = [firing({ job: 'a' }, 10, 20), firing({ job: 'b' }, 10, 20), firing({ job: 'a' }, 50, 60)];
    const after = [
      firing({ job: 'a' }, 10, 20),
      firing({ job: 'b' }, 15, 20),
      firing({ job: 'a' }, 60, null),
    ];
    expect(words(before, after)).toEqual(['same a 10', 'shifted b 15', 'removed a 50', 'added a 60']);
  });

  it('are the same where times differ by less than they are evaluated apart', () => {
    expect(words([firing({ job: 'a' }, 10, 20)], [firing({ job: 'a' }, 12, 19)], 2)).toEqual(['same a 12']);
    expect(words([firing({ job: 'a' }, 10, null)], [firing({ job: 'a' }, 10, 99)], 100)).toEqual([
      'shifted a 10',
    ]);
  });

  it('are told apart by the labels that both have', () => {
    const fine = [firing({ job: 'a', instance: '1' }, 10, 20), firing({ job: 'b', instance: '1' }, 10, 20)];
    expect(words(fine, [firing({ job: 'b' }, 10, 20)])).toEqual(['same b 10', 'removed a 10']);
    expect(
      compareFirings([firing({ host: 'x' }, 10, 20)], [firing({ job: 'a' }, 15, 20)], { ms: 0 })[0]?.kind,
    ).toBe('shifted');
  });

  it('each firing is paired once', () => {
    const one = [firing({ job: 'a' }, 10, 100)];
    const two = [firing({ job: 'a' }, 10, 30), firing({ job: 'a' }, 50, 100)];
    expect(words(one, two)).toEqual(['shifted a 10', 'added a 50']);
    expect(words(two, one)).toEqual(['shifted a 10', 'removed a 50']);
    expect(words([], [])).toEqual([]);
  });
});
