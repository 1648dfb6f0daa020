import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../../api/frame.ts';
import type { Transformation } from '../model.ts';
import { type Cell, labelTable, seriesTables, type Table } from './table.ts';
import { transform } from './transform.ts';

const frame = (ref: string, series: Record<string, number[]>): Frame => ({
  ref,
  times: Float64Array.from([10, 20]),
  names: Object.keys(series),
  labels: Object.keys(series).map((job) => ({ job, __name__: 'up' })),
  values: Float64Array.from(Object.values(series).flat()),
  total: Object.keys(series).length,
  warnings: [],
});
const step = (id: string, options: Transformation['options'] = {}, disabled = false): Transformation => ({
  id,
  disabled,
  options,
});
const told = (tables: readonly Table[]): Record<string, Cell[]>[] =>
  tables.map(({ fields }) =>
    Object.fromEntries(fields.map(({ name, values }) => [name, Array.from(values)])),
  );
const a = frame('A', { api: [1, 2], web: [3, Number.NaN] });
const b = frame('B', { web: [7, 8], db: [5, 6] });
const both = [labelTable(a, true), labelTable(b, true)];

describe('transformations', () => {
  it('start from the last value of each series beside its labels', () => {
    expect(told([labelTable(a, false)])).toEqual([
      { Time: [20_000, 10_000], __name__: ['up', 'up'], job: ['api', 'web'], Value: [2, 3] },
    ]);
  });

  it('merge and organize answers into one table', () => {
    const organized = transform(both, [
      step('merge'),
      step('organize', {
        excludeByName: { Time: true, __name__: true },
        renameByName: { 'Value #A': 'First', 'Value #B': 'Second' },
        indexByName: { 'Value #B': 0, job: 1 },
      }),
    ]);
    expect(told(organized)).toEqual([
      { Second: [null, 8, 6], job: ['api', 'web', 'db'], First: [2, 3, null] },
    ]);
    expect(Object.keys(told(organized)[0]!)).toEqual(['Second', 'job', 'First']);
  });

  it('merge rows of different metrics about the same thing', () => {
    const free = { ...a, labels: a.labels.map((labels) => ({ ...labels, __name__: 'free' })) };
    const size = { ...a, ref: 'B', labels: a.labels.map((labels) => ({ ...labels, __name__: 'size' })) };
    const used = { ...a, ref: 'C', labels: a.labels.map(({ job }) => ({ job })) };
    const [merged] = told(
      transform([labelTable(used, true), labelTable(free, true), labelTable(size, true)], [step('merge')]),
    );
    expect([merged?.['job'], merged?.['Value #A'], merged?.['Value #B'], merged?.['Value #C']]).toEqual([
      ['api', 'web'],
      [2, 3],
      [2, 3],
      [2, 3],
    ]);
  });

  it.each([
    ['reduce', { reducers: ['max', 'mean'] }, [{ Field: ['api', 'web'], Max: [2, 3], Mean: [1.5, 3] }]],
    [
      'labelsToFields',
      {},
      [
        { Time: [10_000, 20_000], job: ['api', 'api'], up: [1, 2] },
        { Time: [10_000, 20_000], job: ['web', 'web'], up: [3, null] },
      ],
    ],
    ['joinByField', { byField: 'Time' }, [{ Time: [10_000, 20_000], api: [1, 2], web: [3, null] }]],
    [
      'seriesToRows',
      {},
      [{ Time: [10_000, 20_000, 10_000], Metric: ['api', 'api', 'web'], Value: [1, 2, 3] }],
    ],
    [
      'filterFieldsByName',
      { include: { names: ['Time', 'web'] } },
      [{ Time: [10_000, 20_000] }, { Time: [10_000, 20_000], web: [3, null] }],
    ],
    [
      'renameByRegex',
      { regex: '^(.)', renamePattern: 'x-$1' },
      [
        { Time: [10_000, 20_000], 'x-api': [1, 2] },
        { Time: [10_000, 20_000], 'x-web': [3, null] },
      ],
    ],
    [
      'limit',
      { limitField: 1 },
      [
        { Time: [10_000], api: [1] },
        { Time: [10_000], web: [3] },
      ],
    ],
    ['filterByRefId', { include: 'B' }, []],
  ] as const)('%s', (id, options, expected) => {
    expect(
      told(transform(seriesTables(a), [step(id, options as unknown as Transformation['options'])])),
    ).toEqual(expected);
  });
});

describe('transformations of rows', () => {
  it('sort, group and calculate', () => {
    const merged = transform(both, [step('merge')]);
    const sorted = transform(merged, [
      step('sortBy', { sort: [{ field: 'Value #B', desc: true }] }),
      step('organize', { includeByName: { job: true } }),
    ]);
    expect(told(sorted)[0]!['job']?.slice(-2)).toEqual(['web', 'db']);
    const grouped = transform(merged, [
      step('groupBy', {
        fields: {
          __name__: { operation: 'groupby', aggregations: [] },
          'Value #A': { operation: 'aggregate', aggregations: ['sum'] },
        },
      }),
    ]);
    expect(told(grouped)).toEqual([{ __name__: ['up'], 'Value #A (sum)': [5] }]);
    const ratio = transform(merged, [
      step('calculateField', {
        mode: 'binary',
        alias: 'ratio',
        binary: { left: 'Value #B', operator: '/', right: 'Value #A' },
      }),
    ]);
    expect(told(ratio)[0]!['ratio']).toEqual([null, 8 / 3, null]);
  });

  it('leave things alone when switched off or unknown, and survive options of any shape', () => {
    expect(transform(both, [step('limit', { limitField: 0 }, true), step('constructor')])).toEqual(both);
    const ids = fc.constantFrom(
      'organize',
      'merge',
      'labelsToFields',
      'reduce',
      'filterFieldsByName',
      'filterByRefId',
      'sortBy',
      'renameByRegex',
      'joinByField',
      'limit',
      'groupBy',
      'calculateField',
      'seriesToRows',
    );
    const keys = fc.constantFrom(
      'excludeByName',
      'renameByName',
      'reducers',
      'include',
      'sort',
      'regex',
      'byField',
      'limitField',
      'fields',
      'binary',
      'mode',
      '__proto__',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(ids, fc.dictionary(keys, fc.jsonValue())), { maxLength: 4 }), (steps) =>
        Array.isArray(
          transform(
            both,
            steps.map(([id, options]) => step(id, options as Transformation['options'])),
          ),
        ),
      ),
    );
  });
});
