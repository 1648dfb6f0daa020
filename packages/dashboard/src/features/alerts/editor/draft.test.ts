import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../api/client.ts';
import { draftOf, durationText, missingOf, NEW_DRAFT, problemsOf, writtenOf } from './draft.ts';

describe('a rule while it is written', () => {
  it('is sent without rows that have no name and texts that say nothing', () => {
    const draft = {
      ...NEW_DRAFT,
      alert: ' Down ',
      expr: ' up == 0\n',
      labels: [
        { name: 'severity', text: 'page' },
        { name: '', text: 'x' },
        { name: 'job', text: '' },
      ],
    };
    const written = writtenOf(draft);
    expect(written).toMatchObject({
      alert: 'Down',
      expr: 'up == 0',
      language: 'promql',
      labels: { severity: 'page', job: '' },
      annotations: {},
    });
    expect(writtenOf(draftOf(written))).toEqual(written);
  });

  it('says what it still needs', () => {
    expect(missingOf(NEW_DRAFT)).toEqual(['a name', 'an expression']);
    expect(missingOf({ ...NEW_DRAFT, alert: 'a', expr: 'b' })).toEqual([]);
  });

  it('has durations as they are typed', () => {
    expect([0, 30_000, 5_400_000, 86_400_000, 1500].map(durationText)).toEqual([
      '',
      '30s',
      '1h30m',
      '1d',
      '1s500ms',
    ]);
  });

  it('shows what is wrong at its field', () => {
    const refusal = (problems: { field: string; problem: string }[]) =>
      problemsOf(new ApiError('refused', 'p', 400, 'all of it', problems));
    expect([
      ...refusal([
        { field: 'expr', problem: 'a' },
        { field: 'expr', problem: 'b' },
        { field: 'body.rule.for', problem: 'c' },
        { field: 'labels.x', problem: 'd' },
      ]),
    ]).toEqual([
      ['expr', 'a'],
      ['for', 'c'],
      ['labels.x', 'd'],
    ]);
    expect([...refusal([])]).toEqual([['', 'all of it']]);
    expect(problemsOf(null).size).toBe(0);
  });
});
