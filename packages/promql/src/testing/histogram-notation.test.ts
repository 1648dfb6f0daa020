import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHistogram } from './histogram-notation.ts';
import { readScript } from './promqltest-script.ts';
import { readSeriesLine } from './series-notation.ts';

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
    expect(() => readSeriesLine('h {{count:1}}x99999999')).toThrow(/more than 100000 repetitions/);
    expect(() => readSeriesLine('h 1+1x99999999')).toThrow(/more than 100000 repetitions/);
  });
});

describe('a script under hostile text', () => {
  const fragments = fc.constantFrom(
    'load 5m',
    'load_with_nhcb 1m',
    'clear',
    'eval instant at 5m ',
    'eval range from 0 to 5m step 1m ',
    '\n',
    '\n  ',
    '\n\n',
    'h{a="b"}',
    '{{',
    '}}',
    '{{schema:0 count:1 buckets:[1 2]}}',
    'x3',
    '+',
    '1+2x3',
    '@st',
    '-1m',
    'stale',
    '_x2',
    '{}',
    'expect fail msg: x',
    'expect warn',
    'expect no_warn',
    'expect ordered',
    'expect string "x"',
    '"',
    '\\',
    '[1',
    '#',
  );

  it('is read or refused with a SyntaxError, nothing else', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(fragments, { maxLength: 14 }).map((all) => all.join(' ')),
          fc.string(),
        ),
        (text) => {
          try {
            readScript(text);
          } catch (error) {
            expect(error).toBeInstanceOf(SyntaxError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
