import { Labels } from '@pharos/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../kernel/clock.ts';
import { PharosError } from '../../../kernel/errors.ts';
import { silentLog } from '../../../kernel/log.ts';
import { createTelemetry } from '../../../kernel/telemetry.ts';
import { MemorySink } from '../../testing/memory_sink.ts';
import { RemoteWriteService } from './service.ts';
import { compressed, type TestSeries, writeRequestV1, writeRequestV2 } from './testing/requests.ts';

function setup(knownBytes = 10_000_000) {
  const sink = new MemorySink();
  const service = new RemoteWriteService({
    clock: new ManualClock(1_000_000),
    random: () => 0.7,
    sink,
    metadata: sink,
    telemetry: createTelemetry(),
    log: silentLog,
    breathe: () => Promise.resolve(),
    limits: { maxBody: 1_000_000, maxInFlight: 4_000_000, knownBytes },
  });
  return { sink, service };
}

const name = fc.constantFrom('up', 'http_requests_total', 'a.b', '__proto__');
const label = fc.tuple(
  fc.constantFrom('job', 'instance', 'constructor', 'le', 'é'),
  fc.constantFrom('', '1', 'a b', '\u00ff', 'x'.repeat(200)),
);
const labels = fc
  .tuple(name, fc.uniqueArray(label, { selector: ([key]) => key, maxLength: 4 }), fc.boolean())
  .map(([metric, rest, first]): readonly [string, string][] =>
    first ? [['__name__', metric], ...rest] : [...rest, ['__name__', metric]],
  );
const series = fc.tuple(labels, fc.array(fc.tuple(fc.double(), fc.nat(2_000_000)), { maxLength: 3 })).map(
  ([pairs, samples]): TestSeries => ({
    labels: pairs,
    samples: samples.map(([value, timestamp]) => ({ value, timestamp })),
  }),
);
const requests = fc.array(fc.array(series, { maxLength: 6 }), { minLength: 1, maxLength: 6 });

/** What a store with these requests holds: the first value of each series and time. */
function expected(all: readonly (readonly TestSeries[])[]): string[] {
  const seen = new Map<string, string>();
  for (const { labels: pairs, samples = [] } of all.flat())
    for (const { value, timestamp } of samples) {
      const text = `${Labels.fromPairs(pairs as [string, string][]).toString()} `;
      if (!seen.has(`${text}${timestamp}`)) seen.set(`${text}${timestamp}`, `${text}${value}@${timestamp}`);
    }
  return [...seen.values()].toSorted();
}

describe('remote write, whatever is sent', () => {
  it('2.0 stores what a plain reading of the requests says, with and without memory of earlier ones', async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.constantFrom(0, 3_000, 10_000_000), async (all, room) => {
        const { sink, service } = setup(room);
        for (const request of all) await service.write('default', '2.0', compressed(writeRequestV2(request)));
        expect(sink.lines().toSorted()).toEqual(expected(all));
      }),
    );
  });

  it('1.0 stores the same, one series a request so that none is rolled back for another', async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.constantFrom(0, 3_000, 10_000_000), async (all, room) => {
        const { sink, service } = setup(room);
        const single = all
          .flat()
          .flatMap((one) => (one.samples ?? []).map((sample) => ({ ...one, samples: [sample] })));
        for (const one of single) await service.write('default', '1.0', compressed(writeRequestV1([one])));
        expect(sink.lines().toSorted()).toEqual(expected([single]));
      }),
    );
  });

  it('damaged bodies are refused or read, nothing else, and store nothing when refused', async () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(series, { minLength: 1, maxLength: 5 }),
        damage,
        fc.constantFrom('1.0' as const, '2.0' as const),
        async (request, hits, version) => {
          const { sink, service } = setup();
          const body = version === '1.0' ? writeRequestV1(request) : writeRequestV2(request);
          for (const [at, value] of hits) body[at % body.length] = value;
          try {
            await service.write('default', version, compressed(body));
          } catch (error) {
            expect(error).toBeInstanceOf(PharosError);
            expect(error).toMatchObject({ kind: expect.stringMatching(/^(bad_request|too_large)$/) });
            expect(sink.lines()).toEqual([]);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('labels that stand between other fields are one label set all the same', async () => {
    const { sink, service } = setup();
    const whole = Buffer.from(
      writeRequestV1([{ labels: { __name__: 'up', job: 'j' }, samples: [{ value: 1, timestamp: 5 }] }]),
    );
    // The series without its tag and length; its last 11 bytes and 2 before are the sample.
    const fields = whole.subarray(2);
    const sampleAt = fields.indexOf(Buffer.from([0x12, 0x0b, 0x09]));
    const second = fields.indexOf(Buffer.from([0x0a, 0x08, 0x0a, 0x03]));
    const parts = [fields.subarray(0, second), fields.subarray(sampleAt), fields.subarray(second, sampleAt)];
    const moved = Buffer.concat([whole.subarray(0, 2), ...parts]);
    for (let i = 0; i < 2; i++) await service.write('default', '1.0', compressed(moved));
    expect(sink.lines()).toEqual(['up{job="j"} 1@5']);
  });
});
