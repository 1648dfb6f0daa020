import { expect, it } from 'vitest';
import { parseLogExpr } from '../parse/parser.ts';
import { runStages } from '../testing/run-stages.ts';

it('makes a line of labels, which stages behind it see', () => {
  expect(runStages('| logfmt | line_format "{{.m}} {{.nope}}{{.app}}"', 'm=GET').line).toBe('GET a');
  expect(runStages('| line_format `{{ __line__ | upper }}` |= "X"', 'x')).toMatchObject({
    kept: true,
    line: 'X',
  });
  expect(runStages('| json | line_format "{{.__error__}}"', 'x').line).toBe('JSONParserErr');
});

it('keeps the line and tells why when a template fails', () => {
  const { line, labels } = runStages('| line_format `{{div 1 0}}`', 'x');
  expect(line).toBe('x');
  expect(labels).toMatchObject({
    __error__: 'TemplateFormatErr',
    __error_details__: expect.stringContaining('divide by zero'),
  });
  expect(() => parseLogExpr('{a="b"} | line_format "{{.x"')).toThrow(
    'invalid line template: template: line:1: unclosed action',
  );
});
