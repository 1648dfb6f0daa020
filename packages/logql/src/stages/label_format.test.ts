import { expect, it } from 'vitest';
import { runStages } from '../testing/run-stages.ts';

it('renames and makes labels', () => {
  const input = { stream: { a: '1', b: '2' }, metadata: { m: '3' } };
  expect(runStages('| label_format c=a, d="{{.b}}{{.m}}", b="{{.c}}", m=m', '', input).labels).toEqual({
    b: '1',
    c: '1',
    d: '23',
    m: '3',
  });
});

it('sees the labels of the first template in the others, and goes on where one fails', () => {
  expect(runStages('| label_format x="1", y="{{.x}}"', '').labels).toEqual({ app: 'a', x: '1', y: '' });
  expect(runStages('| label_format x=`{{div 1 0}}`, y="2"', '').labels).toMatchObject({
    y: '2',
    __error__: 'TemplateFormatErr',
  });
});
