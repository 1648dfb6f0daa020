import { Labels } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import { Entry, storedLabels } from './entry.ts';

function entryOf(stream: Record<string, string>, metadata: Record<string, string> = {}): Entry {
  const entry = new Entry();
  entry.reset(1n, 'line', Labels.fromRecord(stream), Labels.fromRecord(metadata));
  return entry;
}

const recordOf = (labels: Labels): unknown => ({ ...labels.toRecord() });

describe('names that meet', () => {
  it('go to the stream, then to metadata, then to what was parsed; `_extracted` the other way round', () => {
    const entry = entryOf({ k: 's', a: 's' }, { k: 'm', b: 'm' });
    expect(recordOf(entry.labels())).toEqual({ a: 's', b: 'm', k: 's', k_extracted: 'm' });
    entry.addParsed('k', 'p');
    entry.addParsed('b', 'p');
    entry.addParsed('c', 'p');
    const { stream, metadata, parsed } = entry.categorized();
    expect(recordOf(stream)).toEqual({ a: 's', k: 's' });
    expect(recordOf(metadata)).toEqual({ b: 'm' });
    expect(recordOf(parsed)).toEqual({ b_extracted: 'p', c: 'p', k_extracted: 'p' });
  });

  it('keep the first of two parsed values, and take a made one for it', () => {
    const entry = entryOf({});
    entry.addParsed('x', '1');
    entry.addParsed('x', '2');
    expect(entry.get('x')).toBe('1');
    entry.set('x', '3');
    entry.addParsed('x', '4');
    expect(entry.get('x')).toBe('4');
  });

  it('cannot be those of errors', () => {
    const entry = entryOf({ app: 'a' });
    entry.addParsed('__error__', 'forged');
    entry.set('__error_details__', 'forged');
    expect(recordOf(entry.labels())).toEqual({ app: 'a' });
    entry.fail('JSONParserErr', 'why');
    entry.fail('LabelFilterErr', 'later');
    expect(recordOf(entry.labels())).toEqual({
      __error__: 'JSONParserErr',
      __error_details__: 'why',
      app: 'a',
    });
  });
});

it('answers the very labels of the stream while nothing changed', () => {
  const stream = Labels.fromRecord({ app: 'a' });
  const entry = new Entry();
  entry.reset(1n, '', stream, Labels.EMPTY);
  expect(entry.get('app')).toBe('a');
  expect(entry.untouched).toBe(stream);
  expect(entry.labels()).toBe(stream);
  entry.set('x', '1');
  expect(entry.untouched).toBeUndefined();
  entry.reset(2n, '', stream, Labels.EMPTY);
  expect(entry.get('x')).toBeUndefined();
});

it('keeps labels without a value, which make another set', () => {
  const metadata = Labels.fromSortedPairs(['lvl', '']);
  const labels = storedLabels(Labels.fromRecord({ app: 'a' }), metadata);
  expect(labels.pairs).toEqual(['app', 'a', 'lvl', '']);
  expect(labels.key).not.toBe(Labels.fromRecord({ app: 'a' }).key);
});

it('keeps only fields that are wanted, under the name they end up with', () => {
  const entry = entryOf({ a: 's' });
  entry.want(new Set(['a_extracted', 'x']));
  for (const field of ['a', 'x', 'y']) entry.addParsed(field, 'p');
  expect([entry.wantsParsed('a'), entry.wantsParsed('x'), entry.wantsParsed('y')]).toEqual([
    true,
    true,
    false,
  ]);
  expect(recordOf(entry.labels())).toEqual({ a: 's', a_extracted: 'p', x: 'p' });
});

it('finds every label of very many, also when some have gone', () => {
  const entry = entryOf({ s: 'x' });
  const count = 20_000;
  for (let i = 0; i < count; i++) entry.addParsed(`k${i}`, `${i}`);
  for (let i = 0; i < count; i++) entry.addParsed(`k${i}`, 'again');
  expect(entry.get('k19999')).toBe('19999');
  entry.remove('k5');
  expect(entry.get('k5')).toBeUndefined();
  expect(entry.get('k19999')).toBe('19999');
  entry.keepOnly((name) => name === 's' || name === 'k7');
  expect(recordOf(entry.labels())).toEqual({ k7: '7', s: 'x' });
  entry.reset(2n, 'line', Labels.EMPTY, Labels.EMPTY);
  expect(entry.get('k7')).toBeUndefined();
});
