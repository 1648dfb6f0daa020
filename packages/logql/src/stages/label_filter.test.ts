import { expect, it } from 'vitest';
import { runStages } from '../testing/run-stages.ts';

const LINE = 'n=5 f=2.5 took=1.5s size=3MB ip="from 10.0.0.7:80" bad=x e=';

it.each([
  ['n=5', true],
  ['n == 5.0', true],
  ['n != 5', false],
  ['n > -1', true],
  ['f >= 2.5 and f < 3', true],
  ['took > 1s', true],
  ['took <= 1500ms', true],
  ['size > 2MiB', true],
  ['size == 3000KB', true],
  ['ip = ip("10.0.0.0/8")', true],
  ['ip != ip("10.0.0.0/8")', false],
  ['app="a"', true],
  ['app=~"a|b"', true],
  ['app!~"a"', false],
  ['nope=""', true],
  ['nope!=""', false],
  ['nope > 1', false],
  ['nope != 1', false],
  ['nope = ip("10.0.0.1")', false],
  ['n=5 or bad > 1', true],
  ['n=6 or f=2.5', true],
  ['n=6 or f=3', false],
  ['n=5, f=2.5 took > 1s', true],
  ['(n=6 or f=2.5) and took > 1h', false],
  ['n=6 or f=2.5 and took > 1s', true],
])('%s is %s', (filter, kept) => {
  const result = runStages(`| logfmt | ${filter}`, LINE);
  expect(result.kept).toBe(kept);
  expect(result.labels['__error__']).toBeUndefined();
});

it.each([
  ['bad > 1', 'strconv.ParseFloat: parsing "x": invalid syntax'],
  ['bad > 1s', 'time: invalid duration "x"'],
  ['n > 1s', 'time: missing unit in duration "5"'],
  ['bad > 1MB', 'strconv.ParseFloat: parsing "": invalid syntax'],
  ['took > 1MB', 'unhandled size name: s'],
])('%s fails with a reason and keeps the line', (filter, reason) => {
  expect(runStages(`| logfmt | ${filter}`, LINE)).toMatchObject({
    kept: true,
    labels: { __error__: 'LabelFilterErr', __error_details__: reason },
  });
});

it('lets errors be filtered by text alone, the first one counting', () => {
  expect(runStages('| json | __error__=""', 'x').kept).toBe(false);
  expect(runStages('| json | __error__=~"JSON.*"', 'x').kept).toBe(true);
  expect(runStages('| json | app = ip("10.0.0.1")', 'x').kept).toBe(true);
  expect(runStages('| json | __error_details__!=""', 'x').kept).toBe(true);
  const { labels } = runStages('| logfmt | bad > 1 | took > 1MB', LINE);
  expect(labels['__error_details__']).toContain('ParseFloat: parsing "x"');
});
