import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowBinaryWriter } from '../../engine/index.ts';
import type { Frame } from '../../journal/index.ts';
import { samplesTable } from '../tables.ts';
import { readSampleRows, SampleRows } from './rows.ts';

interface Told {
  readonly metric: number;
  readonly low: number;
  readonly high: number;
  readonly timestamp: number;
  readonly start: number;
  readonly bits: bigint;
}

const word = fc.nat(0xffff_ffff);
const time = fc.nat(4_000_000_000_000);
const sample = fc.record({
  metric: word,
  low: word,
  high: word,
  timestamp: time,
  start: time,
  bits: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
});

function read(frame: Frame): Told[] {
  const found: Told[] = [];
  readSampleRows(frame, (key, { timestamp, start, value }) => {
    found.push({ ...key, timestamp, start, bits: new BigUint64Array(value.buffer)[0] ?? 0n });
  });
  return found;
}

/** The samples at these indices as the appender hands them over. */
function frameOf(
  samples: readonly Told[],
  indices: readonly number[],
  started: boolean,
  time: number,
): Frame {
  const values = new Float64Array(new BigUint64Array(samples.map(({ bits }) => bits)).buffer);
  const columns = {
    timestamps: Float64Array.from(samples, ({ timestamp }) => timestamp),
    starts: started ? Float64Array.from(samples, ({ start }) => start) : null,
    values,
    time,
  };
  const take = (bytes: number) => new Uint8Array(bytes).fill(0xee);
  const rows = new SampleRows('tenant', columns, Uint32Array.from(indices), take);
  for (const [row, i] of indices.entries()) {
    const one = samples[i];
    if (one === undefined) continue;
    rows.words[rows.metricAt + row] = one.metric;
    rows.words.set([one.low, one.high], rows.seriesAt + row * 2);
  }
  return rows.frame(20_000);
}

test('samples are read back as they were, whichever of a request are written', () => {
  const request = fc
    .array(sample, { minLength: 1, maxLength: 30 })
    .chain((samples) =>
      fc.tuple(
        fc.constant(samples),
        fc.subarray([...samples.keys()], { minLength: 1 }),
        fc.boolean(),
        fc.boolean(),
      ),
    );
  fc.assert(
    fc.property(request, ([drawn, indices, started, ofOneTime]) => {
      const at = drawn[0]?.timestamp ?? 0;
      const samples = ofOneTime ? drawn.map((one) => ({ ...one, timestamp: at })) : drawn;
      const frame = frameOf(samples, indices, started, ofOneTime ? at : Number.NaN);
      const expected = indices.flatMap((i) => samples[i] ?? []);
      expect(read(frame)).toEqual(started ? expected : expected.map((one) => ({ ...one, start: 0 })));
    }),
  );
});

test('frames from before rows were packed are read as they always were', () => {
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1 }), fc.boolean(), (samples, started) => {
      const writer = new RowBinaryWriter();
      for (const { metric, low, high, timestamp, start, bits } of samples) {
        writer.string('tenant');
        writer.uint32(metric);
        writer.uint64(low, high);
        writer.int64(timestamp);
        writer.uint64Big(bits);
        if (started) writer.int64(start);
        writer.endRow();
      }
      const frame = {
        table: samplesTable.name,
        schemaVersion: started ? 2 : 1,
        tenant: 'tenant',
        day: 20_000,
        rows: samples.length,
        payload: writer.take().payload,
      };
      expect(read(frame)).toEqual(started ? samples : samples.map((one) => ({ ...one, start: 0 })));
    }),
  );
});

test('packed rows that are not whole are no samples', () => {
  const whole = frameOf([{ metric: 1, low: 2, high: 3, timestamp: 4, start: 0, bits: 5n }], [0], false, 4);
  expect(() => read({ ...whole, payload: whole.payload.subarray(4) })).toThrow(/does not hold them/);
});
