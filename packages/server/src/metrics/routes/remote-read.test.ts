import { isStaleMarker, Labels } from '@pharos/promql';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { crc32c } from '../../journal/index.ts';
import { createMemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { PharosError } from '../../kernel/errors.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { ProtobufReader } from '../../kernel/wire/protobuf.ts';
import { ProtobufWriter } from '../../kernel/wire/protobuf-writer.ts';
import { snappyDecode, snappyEncode } from '../../kernel/wire/snappy.ts';
import { decodeHistogramChunk } from '../chunks/histogram.ts';
import { decodeXorChunk } from '../chunks/xor.ts';
import { metricsSection } from '../config.ts';
import { decodeReadRequest } from '../remote-read/request.ts';
import { encodeSamples } from '../remote-read/samples.ts';
import { streamedFrames } from '../remote-read/streamed.ts';
import { exampleHistogram } from '../store/histograms/testing/arbitrary.ts';
import { createMetricsStore } from '../store/store.ts';
import { stateOnlyEngine } from '../store/testing/fake-engine.ts';
import { apiSurroundings } from '../testing/prometheus_api.ts';
import { metricsQueryEngine, prometheusApis } from './prometheus.ts';

const NOW = 1_700_000_000_000;
const clock = new ManualClock(NOW);
const STEP = 15_000;
const COUNT = 300;
let app: HttpApp;

async function start(settings: object = {}, { isPast = false } = {}): Promise<void> {
  const engine = stateOnlyEngine('ready');
  const journal = createMemoryJournal();
  const config = metricsSection.schema.parse(settings);
  const store = await createMetricsStore({
    engine,
    journal,
    clock,
    telemetry: createTelemetry(),
    log: silentLog,
    config,
  });
  app = await openTestApp(
    prometheusApis({
      store,
      engine: metricsQueryEngine(config, clock),
      clock,
      config,
      targets: null,
      ready: () => true,
      ...apiSurroundings(NOW),
      externalLabels: () => ({ site: 's' }),
    }),
  );
  const appender = store.sink.appender({ tenant: 'default' });
  for (const job of ['b', 'a']) {
    const ref = appender.resolve(Labels.fromRecord({ __name__: 'up', job }));
    for (let i = 0; i < COUNT; i++) {
      const time = NOW - (COUNT - i) * STEP;
      if (i === 7) appender.appendStale(ref, time);
      else appender.append(ref, time, i + (job === 'a' ? 0.5 : 0));
    }
  }
  if (isPast)
    appender.append(appender.resolve(Labels.fromRecord({ __name__: 'over' })), NOW - COUNT * STEP + 1, 1);
  await appender.commit();
  if (!isPast) return;
  // A series that ended leaves the head, and what is older than its end is with an engine that is away.
  journal.flush();
  store.collect();
  engine.set('down');
}
beforeEach(() => start());
afterEach(() => app.close());

interface Matcher {
  readonly type?: number;
  readonly name: string;
  readonly value: string;
}

function requestBody(queries: readonly (readonly Matcher[])[], accepted: readonly number[]): Uint8Array {
  const message = new ProtobufWriter();
  for (const matchers of queries) {
    message.message(1, (query) => {
      query.varint(1, NOW - COUNT * STEP).varint(2, NOW);
      for (const { type = 0, name, value } of matchers)
        query.message(3, (matcher) => matcher.varint(1, type).text(2, name).text(3, value));
    });
  }
  message.message(2, (packed) => {
    for (const type of accepted) packed.rawVarint(type);
  });
  return snappyEncode(message.bytes);
}

const read = (body: Uint8Array) =>
  app.inject({
    method: 'POST',
    url: '/api/v1/read',
    payload: Buffer.from(body),
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
  });

/** Every message's fields, one level deep. */
function fields(bytes: Uint8Array): { field: number; bytes: Uint8Array; number: number }[] {
  const reader = new ProtobufReader().reset(bytes);
  const found: { field: number; bytes: Uint8Array; number: number }[] = [];
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    if ((tag & 7) === 2) found.push({ field, bytes: reader.range(), number: 0 });
    else if ((tag & 7) === 1)
      found.push({ field, bytes: bytes.subarray(reader.at), number: reader.double() });
    else found.push({ field, bytes: new Uint8Array(0), number: reader.int64() });
  }
  return found;
}
const parts = (bytes: Uint8Array, field: number): Uint8Array[] =>
  fields(bytes).flatMap((one) => (one.field === field ? [one.bytes] : []));

function labelsOf(series: Uint8Array): string {
  const texts = parts(series, 1).flatMap((label) => [...parts(label, 1), ...parts(label, 2)]);
  return texts.map((text) => Buffer.from(text).toString()).join(' ');
}

/** Checks every frame's checksum. */
function framesOf(bytes: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const reader = new ProtobufReader().reset(bytes);
  while (reader.at < reader.end) {
    const length = reader.uint32();
    const sum = reader.view.getUint32(reader.at);
    const message = bytes.subarray(reader.at + 4, reader.at + 4 + length);
    expect(crc32c(message)).toBe(sum);
    frames.push(message);
    reader.at += 4 + length;
  }
  return frames;
}

describe('RR-1 remote read', () => {
  it('answers samples when asked for them: one result per query, series sorted, staleness kept', async () => {
    const answer = await read(
      requestBody([[{ name: '__name__', value: 'up' }], [{ name: '__name__', value: 'none' }]], [0]),
    );
    expect([answer.statusCode, answer.headers['content-type'], answer.headers['content-encoding']]).toEqual([
      200,
      'application/x-protobuf',
      'snappy',
    ]);
    const results = parts(snappyDecode(answer.rawPayload, 10_000_000), 1);
    expect(results).toHaveLength(2);
    const series = parts(results[0] ?? new Uint8Array(0), 1);
    expect(series.map(labelsOf)).toEqual(['__name__ up job a site s', '__name__ up job b site s']);
    const samples = parts(series[0] ?? new Uint8Array(0), 2).map(fields);
    expect(samples).toHaveLength(COUNT);
    expect(samples[1]?.map(({ number }) => number)).toEqual([1.5, NOW - (COUNT - 1) * STEP]);
    expect(isStaleMarker(samples[7]?.[0]?.number ?? 0)).toBe(true);
    expect(parts(results[1] ?? new Uint8Array(0), 1)).toEqual([]);
  });

  it('streams XOR chunks of 120 samples in checked frames when that is preferred', async () => {
    const answer = await read(requestBody([[{ name: 'job', value: 'a|b', type: 2 }]], [1, 0]));
    expect(answer.headers['content-type']).toBe(
      'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse',
    );
    const frames = framesOf(answer.rawPayload);
    expect(frames).toHaveLength(2);
    const series = parts(frames[0] ?? new Uint8Array(0), 1)[0] ?? new Uint8Array(0);
    const chunks = parts(series, 2).map((chunk) => {
      const all = fields(chunk);
      const decoded = decodeXorChunk(parts(chunk, 4)[0] ?? new Uint8Array(0));
      expect([decoded.timestamps[0], decoded.timestamps.at(-1)]).toEqual([all[0]?.number, all[1]?.number]);
      return decoded;
    });
    expect(chunks.map(({ values }) => values.length)).toEqual([120, 120, 60]);
    expect(chunks[2]?.values.at(-1)).toBe(COUNT - 0.5);
    expect(isStaleMarker(chunks[0]?.values[7] ?? 0)).toBe(true);
  });

  it('RR-2: matchers on our external labels are fulfilled, on others empty', async () => {
    const up = { name: '__name__', value: 'up' };
    const count = async (extra: Matcher): Promise<number> => {
      const answer = await read(requestBody([[up, extra]], []));
      expect(answer.statusCode).toBe(200);
      return parts(parts(snappyDecode(answer.rawPayload, 10_000_000), 1)[0] ?? new Uint8Array(0), 1).length;
    };
    expect(await count({ name: 'site', value: 's' })).toBe(2);
    expect(await count({ name: 'site', value: 'other' })).toBe(0);
    expect(await count({ name: 'elsewhere', value: 'x' })).toBe(0);
  });

  it('has nothing rather than a part while the engine is away', async () => {
    await app.close();
    await start({ head_window: '1h' }, { isPast: true });
    const answer = await read(requestBody([[{ name: '__name__', value: 'up' }]], [1]));
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
    expect(answer.body).toMatch(/samples before .* are missing/);
  });

  it('answers a breach of limits with 400 and one line of text', async () => {
    await app.close();
    await start({ query: { max_samples: 100 } });
    const answer = await read(requestBody([[{ name: '__name__', value: 'up' }]], [1]));
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([400, 'text/plain; charset=utf-8']);
    expect(answer.body).toMatch(/limit.*100.*\n$/);
  });

  it('puts histograms into chunks of their own layout, and beside floats', () => {
    const histograms = [1, 2, 3].map((n) => ({
      ...exampleHistogram(n * 10),
      resetHint: 'not_reset' as const,
    }));
    const wider = exampleHistogram(40, 9);
    const series = {
      labels: Labels.fromRecord({ __name__: 'h' }),
      timestamps: Float64Array.of(1, 2, 3, 4, 5),
      values: Float64Array.of(0, 0, 0, 0, 7),
      histograms: [...histograms, wider, undefined],
      from: 0,
      to: 5,
    };
    const [frame = new Uint8Array(0)] = framesOf(Buffer.concat([...streamedFrames([series], 0)]));
    const chunks = parts(parts(frame, 1)[0] ?? new Uint8Array(0), 2);
    const types = chunks.map((chunk) => fields(chunk).find(({ field }) => field === 3)?.number);
    expect(types).toEqual([3, 3, 1]);
    const decoded = decodeHistogramChunk(
      parts(chunks[0] ?? new Uint8Array(0), 4)[0] ?? new Uint8Array(0),
      'float',
    );
    expect(decoded.map(({ histogram }) => histogram)).toEqual(histograms);
    expect(encodeSamples([[series]]).length).toBeGreaterThan(0);
  });

  it.each([
    ['not snappy', Uint8Array.of(255, 255, 255), 'snappy'],
    ['an unknown matcher', requestBody([[{ type: 9, name: 'a', value: 'b' }]], []), 'matcher type 9'],
    ['a bad pattern', requestBody([[{ type: 2, name: 'a', value: '(' }]], []), 'matcher on "a"'],
    ['no response type of ours', requestBody([], [7]), 'none of the accepted response types (7)'],
  ])('refuses %s with 400', async (_what, body, text) => {
    const answer = await read(body);
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain(text);
  });

  it('reads any bytes or refuses them with an error of its own', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          decodeReadRequest(snappyEncode(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(PharosError);
        }
      }),
    );
  });
});
