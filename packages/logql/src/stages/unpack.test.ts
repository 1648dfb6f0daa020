import { expect, it } from 'vitest';
import { runStages } from '../testing/run-stages.ts';

it('turns the strings of a packed object into labels and its entry into the line', () => {
  expect(runStages('| unpack', '{"app":"p","n":5,"x":"1","_entry":"the \\"line\\""}')).toEqual({
    kept: true,
    line: 'the "line"',
    labels: { app: 'a', app_extracted: 'p', x: '1' },
  });
});

it('leaves objects alone that nothing was packed into, and tells what is no object', () => {
  expect(runStages('| unpack', '{"x":"1"}')).toMatchObject({ line: '{"x":"1"}', labels: { app: 'a' } });
  expect(runStages('| unpack', '{"x":"1"')).toMatchObject({ labels: { __error__: 'JSONParserErr' } });
  expect(runStages('| unpack', '[1]')).toMatchObject({ labels: { __error__: 'JSONParserErr' } });
});
