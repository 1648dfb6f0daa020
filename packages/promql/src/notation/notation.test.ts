import { describe, expect, it } from 'vitest';
import { readHistogram } from './histogram.ts';
import { readSeriesLine, readSeriesName } from './series.ts';

describe('readHistogram', () => {
  it('reads every key', () => {
    const { histogram, hintNamed } = readHistogram(
      '{{schema:1 sum:-0.3 count:3.1 z_bucket:7.1 z_bucket_w:0.05 buckets:[5.1 10 7] offset:-3 n_buckets:[4.1 5] n_offset:-5 counter_reset_hint:gauge}}',
    );
    expect(hintNamed).toBe(true);
    expect(histogram).toEqual({
      schema: 1,
      sum: -0.3,
      count: 3.1,
      zeroCount: 7.1,
      zeroThreshold: 0.05,
      positiveSpans: Int32Array.of(-3, 3),
      positiveBuckets: Float64Array.of(5.1, 10, 7),
      negativeSpans: Int32Array.of(-5, 2),
      negativeBuckets: Float64Array.of(4.1, 5),
      customValues: new Float64Array(0),
      resetHint: 'gauge',
    });
  });

  it.each([
    ['{{count:x}}', /count: no number: "x"/],
    ['{{buckets:[1 2}}', /no histogram field|no list/],
    ['{{schema:0.5}}', /schema: no whole number/],
    ['{{colour:1}}', /unknown histogram field "colour"/],
    ['{{count:1 count:2}}', /"count" twice/],
    ['{{counter_reset_hint:maybe}}', /unknown hint "maybe"/],
    ['{{', /no histogram/],
  ])('refuses %s', (text, message) => {
    expect(() => readHistogram(text)).toThrow(message);
  });
});

describe('readSeriesLine', () => {
  it('adds histograms up and repeats them', () => {
    const { items } = readSeriesLine('h {{count:1 sum:1}}+{{count:2 sum:3}}x2 _ {{}}x1');
    const counts = items.map((item) => (typeof item === 'object' ? item.histogram.count : item));
    expect(counts).toEqual([1, 3, 5, 'gap', 0, 0]);
  });

  it('reads start times from the time of the sample', () => {
    const { startTimes, items } = readSeriesLine('c{a="b"}@st _ -30s-1mx2 1ms _x2 0');
    expect(startTimes).toBe(true);
    expect(items).toEqual(['gap', -30_000, -90_000, -150_000, 1, 'gap', 'gap', 0]);
  });

  it('refuses repetitions that would fill the memory', () => {
    expect(() => readSeriesLine('h {{count:1}}x99999999')).toThrow(/more than 10000000 repetitions/);
    expect(() => readSeriesLine('h 1+1x99999999')).toThrow(/more than 10000000 repetitions/);
  });
});

describe('readSeriesName', () => {
  it('reads names and labels in all their forms', () => {
    const pairs = (text: string) => readSeriesName(text).pairs;
    expect(pairs('')).toEqual([]);
    expect(pairs('{}')).toEqual([]);
    expect(pairs('up')).toEqual(['__name__', 'up']);
    expect(pairs('up {b="2", a="1",}')).toEqual(['__name__', 'up', 'a', '1', 'b', '2']);
    expect(pairs('{"with.dots", "a b"="x"}')).toEqual(['__name__', 'with.dots', 'a b', 'x']);
  });

  it.each([
    ['up 5', /unexpected "5" after/],
    ['up{a="1",a="2"}', /label "a" is there twice/],
    ['up{__name__="x"}', /twice/],
    ['{up}', /expected "="/],
    ['up{a}', /expected "="/],
    ['up{a="1"', /unexpected/],
    ['up{a!="1"}', /unexpected/],
    ['5', /no metric/],
  ])('refuses %s', (text, message) => {
    expect(() => readSeriesName(text)).toThrow(message);
    expect(() => readSeriesName(text)).toThrow(SyntaxError);
  });
});
