import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PharosError } from '../../../kernel/errors.ts';
import { ProtobufWriter } from '../../../kernel/wire/protobuf-writer.ts';
import { readProtobufBody } from './protobuf.ts';
import { ProtobufBodyError } from './protobuf-fields.ts';

const TYPE = { counter: 0, gauge: 1, summary: 2, untyped: 3, histogram: 4, gaugeHistogram: 5 } as const;

type Write = (writer: ProtobufWriter) => void;

/** A delimited MetricFamily. */
function family(name: string, type: number, ...metrics: Write[]): Uint8Array {
  const writer = new ProtobufWriter().text(1, name).text(2, `help of\n"${name}"`).varint(3, type);
  for (const metric of metrics) writer.message(4, metric);
  const length = new ProtobufWriter().rawVarint(writer.bytes.length).bytes;
  return Buffer.concat([length, writer.bytes]);
}

const label =
  (name: string, value: string): Write =>
  (writer) =>
    void writer.message(1, (pair) => void pair.text(1, name).text(2, value));

const stamp =
  (field: number, seconds: number, nanos: number): Write =>
  (writer) =>
    void writer.message(field, (time) => void time.varint(1, seconds).varint(2, nanos));

const exemplar =
  (field: number, trace: string, value: number): Write =>
  (writer) =>
    void writer.message(field, (inner) => {
      label('trace_id', trace)(inner);
      inner.double(2, value);
      stamp(3, 1_700_000_000, 123_999_999)(inner);
    });

function read(families: readonly Uint8Array[], options = { nativeHistograms: true, classicToo: false }) {
  const body = Buffer.concat(families);
  const result = readProtobufBody(body, body.length, options);
  const text = Buffer.from(result.bytes.subarray(0, result.length)).toString();
  return { lines: text.split('\n'), natives: result.natives };
}

const native: Write = (histogram) => {
  histogram.varint(1, 7).double(2, 18.4).zigzag(5, 3).double(6, 2.5e-5).varint(7, 2);
  histogram.message(12, (span) => void span.zigzag(1, -2).varint(2, 2));
  histogram.message(12, (span) => void span.zigzag(1, 3).varint(2, 1));
  histogram.message(13, (packed) => void packed.rawZigzag(1).rawZigzag(1).rawZigzag(0));
};

const classic: Write = (histogram) => {
  for (const [bound, count] of [
    [0.5, 3],
    [1, 5],
  ] as const)
    histogram.message(3, (bucket) => {
      bucket.varint(1, count).double(2, bound);
      if (bound === 1) exemplar(3, 'abc', 0.75)(bucket);
    });
};

describe('protobuf bodies', () => {
  it('are told as text: labels, times, exemplars, quantiles, buckets', () => {
    const { lines } = read([
      family('jobs_total', TYPE.counter, (metric) => {
        label('q', 'a"b\\c\nd')(metric);
        metric.message(3, (counter) => {
          counter.double(1, 5);
          exemplar(2, 'xyz', 1)(counter);
        });
        metric.varint(6, 1_700_000_000_123);
      }),
      family(
        'temp',
        TYPE.gauge,
        (metric) => void metric.message(2, (gauge) => void gauge.double(1, Number.NaN)),
      ),
      family('rpc', TYPE.summary, (metric) => {
        metric.message(4, (summary) => {
          summary.varint(1, 3).double(2, 9.5);
          summary.message(3, (quantile) => void quantile.double(1, 0.99).double(2, Number.POSITIVE_INFINITY));
        });
      }),
      family('wait', TYPE.histogram, (metric) => {
        metric.message(7, (histogram) => {
          histogram.varint(1, 6).double(2, 4.5);
          classic(histogram);
        });
      }),
      family('http.calls', TYPE.untyped, (metric) => {
        label('url.path', '/')(metric);
        metric.message(5, (untyped) => void untyped.double(1, -1));
      }),
    ]);
    expect(lines).toEqual([
      '# TYPE jobs_total counter',
      '# HELP jobs_total help of\\n\\"jobs_total\\"',
      'jobs_total{q="a\\"b\\\\c\\nd"} 5 1700000000.12325 # {trace_id="xyz"} 1 1700000000.12325',
      '# TYPE temp gauge',
      '# HELP temp help of\\n\\"temp\\"',
      'temp NaN',
      '# TYPE rpc summary',
      '# HELP rpc help of\\n\\"rpc\\"',
      'rpc{quantile="0.99"} +Inf',
      'rpc_sum 9.5',
      'rpc_count 3',
      '# TYPE wait histogram',
      '# HELP wait help of\\n\\"wait\\"',
      'wait_bucket{le="0.5"} 3',
      'wait_bucket{le="1"} 5 # {trace_id="abc"} 0.75 1700000000.12325',
      'wait_bucket{le="+Inf"} 6',
      'wait_sum 4.5',
      'wait_count 6',
      '# TYPE "http.calls" unknown',
      '# HELP "http.calls" help of\\n\\"http.calls\\"',
      '{"http.calls","url.path"="/"} -1',
      '# EOF',
      '',
    ]);
  });

  it('bring native histograms, classic buckets beside them only when asked for', () => {
    const both = family('wait', TYPE.histogram, (metric) => {
      label('job', 'x')(metric);
      metric.message(7, (histogram) => {
        native(histogram);
        classic(histogram);
        stamp(15, 1_600_000_000, 0)(histogram);
      });
    });
    const { lines, natives } = read([both]);
    expect(lines.filter((line) => line.startsWith('wait'))).toEqual([]);
    expect(natives).toMatchObject([
      {
        type: 'histogram',
        timestamp: null,
        start: 1_600_000_000_000,
        histogram: {
          schema: 3,
          count: 7,
          sum: 18.4,
          zeroThreshold: 2.5e-5,
          zeroCount: 2,
          positiveSpans: Int32Array.of(-2, 2, 3, 1),
          positiveBuckets: Float64Array.of(1, 2, 2),
          resetHint: 'unknown',
        },
        exemplars: [{ value: 0.75, timestamp: 1_700_000_000_123 }],
      },
    ]);
    expect(Buffer.from(natives[0]?.series ?? []).toString()).toBe('wait{job="x"}\0');
    expect(read([both], { nativeHistograms: true, classicToo: true }).lines).toContain(
      'wait_bucket{job="x",le="0.5"} 3',
    );
    const off = read([both], { nativeHistograms: false, classicToo: false });
    expect(off.natives).toEqual([]);
    expect(off.lines).toContain('wait_count{job="x"} 7');
  });

  it('know an empty native histogram by its empty span, floats, and gauges', () => {
    const { natives } = read([
      family('empty', TYPE.histogram, (metric) => {
        metric.message(7, (histogram) => histogram.message(12, () => undefined));
      }),
      family('level', TYPE.gaugeHistogram, (metric) => {
        metric.message(7, (histogram) => {
          histogram.double(4, 1.5).double(8, 0.5).zigzag(5, 0);
          histogram.message(9, (span) => void span.zigzag(1, 0).varint(2, 1)).double(11, 1);
        });
      }),
    ]);
    expect(natives.map(({ histogram }) => histogram)).toMatchObject([
      { count: 0, positiveSpans: new Int32Array(0), positiveBuckets: new Float64Array(0) },
      { count: 1.5, zeroCount: 0.5, negativeBuckets: Float64Array.of(1), resetHint: 'gauge' },
    ]);
  });

  it.each<[string, Uint8Array, string]>([
    ['no name', family('', TYPE.gauge), 'a metric family without a name'],
    ['a type that is none', family('a', 9), 'metric family a: type 9, expected 0 to 5'],
    ['no value', family('a', TYPE.gauge, label('x', 'y')), 'metric family a: a metric without a value'],
    [
      'buckets that do not add up',
      family('a', TYPE.histogram, (metric) => {
        metric.message(7, (histogram) => {
          native(histogram);
          histogram.varint(1, 99);
        });
      }),
      'histogram a: the buckets hold 7 observations, the count says 99',
    ],
  ])('with %s are refused by name', (_, body, message) => {
    expect(() => read([body])).toThrow(new ProtobufBodyError(message));
  });

  it('fail in two ways only, whatever comes', () => {
    const sample = Buffer.concat([
      family('wait', TYPE.histogram, (metric) => metric.message(7, native)),
      family('jobs', TYPE.counter, (metric) => metric.message(3, (counter) => void counter.double(1, 1))),
    ]);
    const damaged = fc
      .tuple(
        fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { maxLength: 5 }),
        fc.nat(sample.length),
      )
      .map(([flips, cut]) => {
        const bytes = Uint8Array.from(sample.subarray(0, cut));
        for (const [at, value] of flips) if (at < cut) bytes[at] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        try {
          readProtobufBody(bytes, bytes.length, { nativeHistograms: true, classicToo: true });
        } catch (error) {
          if (!(error instanceof ProtobufBodyError) && !(error instanceof PharosError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});
