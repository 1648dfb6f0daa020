import { expect, it } from 'vitest';
import { parseLogExpr } from '../parse/parser.ts';
import { runStages } from '../testing/run-stages.ts';

const labelsOf = (stages: string, line: string, input = {}): unknown =>
  runStages(stages, line, { stream: {}, ...input }).labels;

it('flattens objects, keeps numbers as they are written, leaves arrays and null out', () => {
  const line = '{"a":{"b":{"c":1.50}},"n":12345678901234567890,"t":true,"z":null,"l":[1],"s":"x\\u00fc\\n"}';
  expect(labelsOf('| json', line)).toEqual({
    a_b_c: '1.50',
    n: '12345678901234567890',
    t: 'true',
    s: 'xü\n',
  });
});

it('makes names of keys, keeps the first of two, and gives way to the stream', () => {
  expect(labelsOf('| json', '{"a.b":1,"a-b":2,"9":3,"":4}')).toEqual({ a_b: '1', _9: '3' });
  const { labels } = runStages('| json', '{"app":"p","m":"p"}', {
    stream: { app: 's' },
    metadata: { m: 'm' },
  });
  expect(labels).toEqual({ app: 's', app_extracted: 'p', m: 'm', m_extracted: 'p' });
});

it('tells malformed lines, keeping what came before', () => {
  const { labels, kept } = runStages('| json', '{"a":1,"b":', { stream: {} });
  expect(kept).toBe(true);
  expect(labels).toMatchObject({ a: '1', __error__: 'JSONParserErr' });
  expect(labelsOf('| json', 'text')).toMatchObject({ __error__: 'JSONParserErr' });
  expect(labelsOf('| json', '')).toEqual({});
});

it('extracts by path, objects as they are written, an empty value for what is missing', () => {
  const line = '{"u":{"id":7,"n":["x",{"y":"z"}]},"h":{"a b":"c"}}';
  expect(labelsOf('| json id="u.id", y="u.n[1].y", h=`h["a b"]`, o="u.n", no="u.nope"', line)).toEqual({
    id: '7',
    y: 'z',
    h: 'c',
    o: '["x",{"y":"z"}]',
    no: '',
  });
  expect(labelsOf('| json u', '{"u":')).toMatchObject({ __error__: 'JSONParserErr' });
  for (const bad of ['a[', 'a..b', 'a[b]', '', '.a', 'a b'])
    expect(() => parseLogExpr(`{a="b"} | json x="${bad}"`), bad).toThrow('cannot parse expression');
});

it('holds no key for special, however it is called', () => {
  const { labels } = runStages('| json', '{"__proto__":{"x":"1"},"constructor":"2"}', { stream: {} });
  expect(labels).toEqual({ __proto___x: '1', constructor: '2' });
});
