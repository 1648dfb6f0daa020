import { expect, it } from 'vitest';
import { parseLogExpr } from '../parse/parser.ts';
import { runStages } from '../testing/run-stages.ts';

it.each([
  ['<ip> - <_> "<m> <p>"', '1.2.3.4 - bob "GET /x y"', { ip: '1.2.3.4', m: 'GET', p: '/x y' }],
  ['[<x>] <rest>', '[a] b c', { x: 'a', rest: 'b c' }],
  ['[<x>] <rest>', 'a] b', {}],
  ['<a> <b>', 'one', { a: 'one' }],
  ['<a>,<_>,<c>', '1,2,3,4', { a: '1', c: '3,4' }],
  ['<a> x', '', {}],
  ['a < b <c>', 'a < b 1', { c: '1' }],
])('%s on %j', (pattern, line, labels) => {
  expect(runStages(`| pattern \`${pattern}\``, line, { stream: {} }).labels).toEqual(labels);
});

it.each([
  ['none', 'at least one capture is required'],
  ['<_>', 'at least one capture is required'],
  ['<a><b>', 'consecutive capture'],
  ['<a> <a>', 'duplicate capture name'],
])('refuses %s', (pattern, message) => {
  expect(() => parseLogExpr(`{a="b"} | pattern "${pattern}"`)).toThrow(message);
});
