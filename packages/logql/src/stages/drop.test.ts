import { expect, it } from 'vitest';
import { runStages } from '../testing/run-stages.ts';

it('removes labels, those with a condition where it holds', () => {
  const input = { stream: { a: '1', b: '2', c: '3' }, metadata: { m: '4' } };
  expect(runStages('| drop a, b="x", c=~"[0-9]", m', '', input).labels).toEqual({ b: '2' });
  expect(runStages('| drop nope', '', input).labels).toEqual({ ...input.stream, m: '4' });
});

it('removes errors too', () => {
  expect(runStages('| json | drop __error__, __error_details__', 'x').labels).toEqual({ app: 'a' });
  expect(runStages('| json | drop __error__="other"', 'x').labels).toHaveProperty('__error__');
});

it('does not give a dropped name to a parser', () => {
  expect(runStages('| drop app | logfmt', 'app=p').labels).toEqual({ app_extracted: 'p' });
});
