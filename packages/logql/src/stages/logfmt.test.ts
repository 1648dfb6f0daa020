import { expect, it } from 'vitest';
import { parseLogExpr } from '../parse/parser.ts';
import { runStages } from '../testing/run-stages.ts';

const labelsOf = (stages: string, line: string): unknown => runStages(stages, line, { stream: {} }).labels;

it('reads pairs, quoted values and keys alone', () => {
  expect(labelsOf('| logfmt', 'a=1 b="x \\"y\\" z" c d= a=2 e=ü')).toEqual({ a: '1', b: 'x "y" z', e: 'ü' });
  expect(labelsOf('| logfmt --keep-empty', 'c d=')).toEqual({ c: '', d: '' });
});

it('passes over what is no pair, or tells it when it is strict', () => {
  expect(labelsOf('| logfmt', 'u=http://x?a=b c=1 =x "q" d=2')).toEqual({ c: '1', d: '2' });
  expect(labelsOf('| logfmt --strict', 'a=1 b="x')).toEqual({
    a: '1',
    __error__: 'LogfmtParserErr',
    __error_details__: 'logfmt syntax error at pos 9 : unterminated quoted value',
  });
});

it('extracts the keys expressions name, missing ones without a value', () => {
  expect(labelsOf('| logfmt level, code="status", no="nope"', 'level=info status=200 x=1')).toEqual({
    level: 'info',
    code: '200',
    no: '',
  });
  expect(() => parseLogExpr('{a="b"} | logfmt x="a b"')).toThrow('cannot parse expression [a b]');
  expect(() => parseLogExpr('{a="b"} | logfmt --nope')).toThrow('unknown parser flag --nope');
});
