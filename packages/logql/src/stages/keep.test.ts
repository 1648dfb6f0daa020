import { expect, it } from 'vitest';
import { runStages } from '../testing/run-stages.ts';

it('keeps only the labels named, those with a condition where it holds, and errors', () => {
  const input = { stream: { a: '1', b: '2' }, metadata: { m: '4' } };
  expect(runStages('| keep a, b="x", m=~"."', '', input).labels).toEqual({ a: '1', m: '4' });
  expect(runStages('| json | keep nope', 'x').labels).toMatchObject({ __error__: 'JSONParserErr' });
});
