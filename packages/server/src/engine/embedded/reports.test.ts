import { expect, test } from 'vitest';
import { engineError, engineErrors } from '../errors.ts';
import { reportSchema } from './report-schema.ts';
import { fromFailure, toFailure } from './reports.ts';

test('an error crosses with its name, code, hint and delay', () => {
  const errors = [
    engineError(241, 'memory'),
    engineError(241, '(total) memory limit exceeded: would use 2 GiB'),
    engineErrors.make('resource', 'busy', { retryAfterSeconds: 1, hint: 'later' }),
    engineErrors.make('locked', 'other'),
  ];
  for (const error of errors) {
    const report = reportSchema.parse(
      JSON.parse(JSON.stringify({ type: 'error', id: 1, failure: toFailure(error) })),
    );
    if (report.type !== 'error') throw new Error(report.type);
    expect(fromFailure(report.failure)).toMatchObject({
      code: error.code,
      kind: error.kind,
      message: error.message,
      ...(error.details !== undefined && { details: error.details }),
      hint: error.hint,
      retryAfterSeconds: error.retryAfterSeconds,
    });
  }
  expect(toFailure(new Error('a bug'))).toEqual({ name: 'retryable', message: 'a bug' });
});

test('an unknown report is refused', () => {
  for (const header of [
    null,
    {},
    { type: '__proto__' },
    { type: 'error', id: 1, failure: { name: 'toString', message: '' } },
  ])
    expect(reportSchema.safeParse(header).success).toBe(false);
});
