import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Engine } from '../../engine/index.ts';
import { createMemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { PharosError } from '../../kernel/errors.ts';
import { silentLog } from '../../kernel/log.ts';
import { createServiceNames } from '../../kernel/names.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { ProtobufWriter } from '../../kernel/wire/protobuf-writer.ts';
import { snappyEncode } from '../../kernel/wire/snappy.ts';
import { logsSection } from '../config.ts';
import { type BodyDecoder, LogDoors } from '../ingest/service.ts';
import { Redactor } from '../redact/redactor.ts';
import { rulesOf, specsOf } from '../redact/specs.ts';
import { createLogHasher } from '../store/hasher.ts';
import { rowLimits } from '../store/line-rows.ts';
import { createLogsStore } from '../store/store.ts';
import type { LineBody } from './bodies.ts';
import { LineDecoder } from './decoder.ts';
import { errorFrom, linesFrom, packed, problemFrom } from './messages.ts';

const NOW = 1_700_000_000_000;
const ALIASES = new Map([['shop-front', 'front']]);
const CONFIG = logsSection.schema.parse({
  max_line: 120,
  max_labels: 3,
  max_label_value: 30,
  max_metadata_entries: 2,
  redact: { ready: ['emails', 'cards'], rules: [{ name: 'pin', pattern: 'pin=\\d+', contains: ['pin='] }] },
});

/** The engine is away: nothing of it is asked. */
const away: Engine = {
  query: () => Promise.reject(new Error('not asked')),
  execute: () => Promise.reject(new Error('not asked')),
  insert: () => Promise.reject(new Error('not asked')),
  state: () => 'down',
  onState: () => () => {},
};

/** What the thread does, in this one: all that crosses over is copied as it is there. */
async function asOnThread(config = CONFIG): Promise<BodyDecoder> {
  const decoder = new LineDecoder({
    hasher: await createLogHasher(),
    names: createServiceNames(structuredClone(ALIASES)),
    limits: structuredClone(rowLimits(config)),
    rules: rulesOf(structuredClone(specsOf(config.redact))),
  });
  return {
    wants: () => true,
    async decode(job) {
      try {
        return linesFrom(structuredClone(packed(await decoder.decode(structuredClone(job)))));
      } catch (error) {
        throw errorFrom(structuredClone(problemFrom(error)));
      }
    },
  };
}

async function setup(decoder?: BodyDecoder, config = CONFIG) {
  const clock = new ManualClock(NOW);
  const telemetry = createTelemetry();
  const journal = createMemoryJournal();
  const breathe = (): Promise<void> => Promise.resolve();
  const names = createServiceNames(ALIASES);
  const store = await createLogsStore({
    engine: away,
    journal,
    clock,
    names,
    telemetry,
    log: silentLog,
    config,
    breathe,
  });
  const redactor = new Redactor(CONFIG.redact, (rule) => store.telemetry.redacted.inc({ rule }));
  const doors = new LogDoors({
    sink: store.sink,
    clock,
    telemetry: store.telemetry,
    breathe,
    redactor,
    decoder,
  });
  const counters = async (): Promise<ReadonlyMap<string, number>> =>
    new Map(
      (await telemetry.families())
        .filter(({ name }) => /^pharos_logs_(lines|bytes|refused|redacted)_total$/.test(name))
        .flatMap(({ name, samples }) =>
          samples.map(({ labels, value }) => [`${name} ${JSON.stringify(labels)}`, value] as const),
        ),
    );
  /** All that a body leaves behind, or the error in its place. */
  return async (body: Pick<LineBody, 'format' | 'bytes' | 'isSnappy'>) => {
    const appendedBefore = journal.appended.length;
    const before = await counters();
    try {
      const answer = await doors.body('t', body);
      const counted = [...(await counters())]
        .map(([name, value]) => `${name} ${value - (before.get(name) ?? 0)}`)
        .filter((text) => !text.endsWith(' 0'))
        .toSorted();
      return { answer, counted, appended: journal.appended.slice(appendedBefore) };
    } catch (error) {
      if (!(error instanceof PharosError)) throw error;
      expect(journal.appended).toHaveLength(appendedBefore);
      return { code: error.code, message: error.message, status: error.status };
    }
  };
}

const label = fc.record({
  app: fc.constantFrom('auth-service', 'shop-front', 'cart', ''),
  level: fc.constantFrom('', 'warn', 'weird'),
  long: fc.constantFrom('', 'x'.repeat(31)),
  env: fc.constantFrom('', 'prod'),
});
const text = fc.oneof(
  fc.constantFrom(
    'level=error msg="no" trace_id=0af7651916cd43dd8448eb211c80319c',
    '{"level":30,"requestId":"r-1","mail":"ann@shop.example.com"}',
    'paid with 4111 1111 1111 1111, pin=1234',
    'x'.repeat(121),
    'ünï "quoted" \\ \u0001 FATAL',
    '',
  ),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);
const time = fc.constantFrom(NOW, NOW - 1, NOW - 86_400_000, NOW - 30 * 86_400_000, NOW + 3_600_000);
const metadata = fc.dictionary(
  fc.constantFrom('a', 'trace_id', 'user'),
  fc.constantFrom('1', 'AB12CD34', 'ann@x.org'),
  {
    maxKeys: 3,
  },
);
const streams = fc.array(
  fc.record({ label, values: fc.array(fc.record({ time, text, metadata }), { maxLength: 5 }) }),
  { maxLength: 4 },
);

type Streams = typeof streams extends fc.Arbitrary<infer T> ? T : never;

function lokiJson(all: Streams): Uint8Array {
  const values = (list: Streams[number]['values']) =>
    list.map((one) => [`${one.time}000007`, one.text, one.metadata]);
  return Buffer.from(
    JSON.stringify({ streams: all.map((one) => ({ stream: one.label, values: values(one.values) })) }),
  );
}

function lokiProtobuf(all: Streams): Uint8Array {
  const writer = new ProtobufWriter();
  for (const one of all)
    writer.message(1, (stream) => {
      stream.text(1, `{${Object.entries(one.label).map(([name, value]) => `${name}="${value}"`)}}`);
      for (const value of one.values)
        stream.message(2, (entry) => {
          const seconds = Math.floor(value.time / 1000);
          entry.message(1, (at) => void at.varint(1, seconds).varint(2, (value.time % 1000) * 1_000_000));
          entry.text(2, value.text);
          for (const [name, to] of Object.entries(value.metadata))
            entry.message(3, (pair) => void pair.text(1, name).text(2, to));
        });
    });
  return snappyEncode(writer.bytes);
}

function otlpJson(all: Streams): Uint8Array {
  const pairs = (from: Record<string, string>) =>
    Object.entries(from).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const records = (list: Streams[number]['values']) =>
    list.map((one) => ({
      timeUnixNano: `${one.time}000000`,
      body: { stringValue: one.text },
      attributes: pairs(one.metadata),
    }));
  const resourceLogs = all.map((one) => ({
    resource: { attributes: pairs({ 'service.name': one.label.app, ...one.label }) },
    scopeLogs: [{ logRecords: records(one.values) }],
  }));
  return Buffer.from(JSON.stringify({ resourceLogs }));
}

function lines(all: Streams): Uint8Array {
  const objects = all.flatMap((one) =>
    one.values.map((value) => ({ ...one.label, ...value.metadata, time: value.time, message: value.text })),
  );
  return Buffer.from(objects.map((object) => JSON.stringify(object)).join('\n'));
}

const FORMATS = [
  { format: 'loki-json', isSnappy: false, write: lokiJson },
  { format: 'loki-json', isSnappy: true, write: (all: Streams) => snappyEncode(lokiJson(all)) },
  { format: 'loki-protobuf', isSnappy: true, write: lokiProtobuf },
  { format: 'otlp-json', isSnappy: false, write: otlpJson },
  { format: 'lines', isSnappy: false, write: lines },
] as const;

const damage = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }) },
);

it('makes the same rows, refusals and counts of a body as the thread it came in on, also of a damaged one', async () => {
  const remote = await asOnThread();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(streams, fc.constantFrom(...FORMATS), damage), { maxLength: 4 }),
      async (sent) => {
        const here = await setup();
        const there = await setup(remote);
        for (const [all, { format, isSnappy, write }, flips] of sent) {
          const bytes = Uint8Array.from(write(all));
          for (const [at, byte] of flips) if (bytes.length > 0) bytes[at % bytes.length] = byte;
          const expected = await here({ format, isSnappy, bytes });
          expect(await there({ format, isSnappy, bytes })).toEqual(expected);
        }
      },
    ),
    { numRuns: 80 },
  );
});

it('refuses lines of streams beyond the limit, those that the thread sees and those that the store knows of', async () => {
  const config = { ...CONFIG, stream_limit: 2 };
  const there = await setup(await asOnThread(config), config);
  const push = (apps: readonly number[], ns: string) =>
    there({
      format: 'loki-json',
      isSnappy: false,
      bytes: Buffer.from(
        JSON.stringify({
          streams: apps.map((app) => ({ stream: { app: `a${app}` }, values: [[`${NOW}${ns}`, 'x']] })),
        }),
      ),
    });
  const message = 'tenant "t" has its limit of 2 active streams';
  expect(await push([1, 2, 3, 4, 5], '000001')).toMatchObject({
    answer: { report: { stored: 2, refused: [{ reason: 'stream_limit', count: 3, message }] } },
  });
  expect(await push([1, 6], '000002')).toMatchObject({
    answer: { report: { stored: 1, refused: [{ reason: 'stream_limit', count: 1, message }] } },
  });
});

it('says of lines of one stream too many first what is wrong with the line itself, as the other thread does', async () => {
  const config = { ...CONFIG, stream_limit: 1 };
  const here = await setup(undefined, config);
  const there = await setup(await asOnThread(config), config);
  const streams = ['a', 'b'].map((app) => ({
    stream: { app },
    values: [
      [`${NOW}000000`, `fine ${app}`],
      ['1000000', 'old'],
      [`${NOW}000000`, 'x'.repeat(121)],
    ],
  }));
  const protobuf = new ProtobufWriter();
  for (const { stream, values } of streams)
    protobuf.message(1, (into) => {
      into.text(1, `{app="${stream.app}"}`);
      for (const [ns = '', line = ''] of values)
        into.message(2, (entry) =>
          entry.message(1, (time) => void time.varint(1, Math.floor(Number(ns) / 1e9))).text(2, line),
        );
    });
  for (const [format, bytes] of [
    ['loki-json', Buffer.from(JSON.stringify({ streams }))],
    ['loki-protobuf', snappyEncode(protobuf.bytes)],
  ] as const) {
    const body = { format, isSnappy: format === 'loki-protobuf' };
    const answer = await here({ ...body, bytes: Uint8Array.from(bytes) });
    expect(await there({ ...body, bytes: Uint8Array.from(bytes) })).toEqual(answer);
    const refused = answer.answer?.report.refused ?? [];
    expect(Object.fromEntries(refused.map(({ reason, count }) => [reason, count]))).toEqual({
      too_old: 2,
      line_too_long: 2,
      stream_limit: 1,
    });
  }
});

it('refuses what is no body at all as the other thread does', async () => {
  const here = await setup();
  const there = await setup(await asOnThread());
  for (const { format, isSnappy } of FORMATS)
    for (const bytes of [new Uint8Array(0), Uint8Array.of(0xff, 0xff), gzipSync('{}')])
      expect(await there({ format, isSnappy, bytes })).toEqual(await here({ format, isSnappy, bytes }));
});
