import { Labels } from '@pharos/promql';
import { expect, it } from 'vitest';
import { snappyDecode } from '../../kernel/wire/snappy.ts';
import { writeRequestV1, writeRequestV2 } from '../ingest/remote-write/testing/requests.ts';
import type { SeriesSamples } from './write-request.ts';
import { WriteRequestBuilder, WriteRequestV2Builder } from './write-request.ts';

const T = 1_763_700_000_000;
const exemplar = { labels: { trace_id: 'ab' }, value: 0.5, timestamp: T };

const series: SeriesSamples = {
  labels: Labels.fromRecord({ __name__: 'x_total', job: 'a' }),
  timestamps: [T, T + 1],
  values: Float64Array.of(1, 2),
  histograms: [undefined, undefined],
  starts: [0, T - 5],
  exemplars: [{ ...exemplar, labels: Labels.fromRecord(exemplar.labels) }],
  metadata: { type: 'counter', help: 'x', unit: '' },
};
/** The same as anybody would send it. */
const sent = {
  labels: { __name__: 'x_total', job: 'a' },
  samples: [
    { value: 1, timestamp: T },
    { value: 2, timestamp: T + 1, start: T - 5 },
  ],
  exemplars: [exemplar],
  metadata: { type: 1, help: 'x', unit: '' },
};

it('1.0: samples and exemplars, without starts and metadata', () => {
  const builder = new WriteRequestBuilder();
  builder.add(series);
  expect(builder.held).toEqual({ samples: 2, exemplars: 1 });
  const samples = sent.samples.map(({ value, timestamp }) => ({ value, timestamp }));
  const { metadata: _, ...rest } = sent;
  expect(Buffer.from(snappyDecode(builder.take(), 10_000))).toEqual(
    Buffer.from(writeRequestV1([{ ...rest, samples }])),
  );
  expect(builder.held).toEqual({ samples: 0, exemplars: 0 });
});

it('2.0: every text once, starts and metadata with the series, the next request with symbols of its own', () => {
  const builder = new WriteRequestV2Builder();
  builder.add(series);
  builder.add(series);
  const twice = Buffer.from(snappyDecode(builder.take(), 10_000));
  expect(twice).toEqual(Buffer.from(writeRequestV2([sent, sent])));
  expect(twice.toString('latin1').match(/x_total/g)).toHaveLength(1);
  builder.add({ ...series, labels: Labels.fromRecord({ __name__: 'y' }) });
  expect(Buffer.from(snappyDecode(builder.take(), 10_000))).toEqual(
    Buffer.from(writeRequestV2([{ ...sent, labels: { __name__: 'y' } }])),
  );
});
