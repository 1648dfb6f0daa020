import {
  type ColumnBlock,
  type Engine,
  engineErrors,
  type InsertBlock,
} from '../../packages/server/src/engine/index.ts';
import { journalConfigSchema } from '../../packages/server/src/journal/config.ts';
import { createFlusher } from '../../packages/server/src/journal/flusher.ts';
import { openJournal } from '../../packages/server/src/journal/journal.ts';
import { createQuarantine } from '../../packages/server/src/journal/quarantine.ts';
import { journalTelemetry } from '../../packages/server/src/journal/telemetry.ts';
import { type FaultPlan, withFaults } from '../../packages/server/src/journal/testing/faulty-fs.ts';
import type { MemoryFileSystem } from '../../packages/server/src/journal/testing/memory-fs.ts';
import { settle, until } from '../../packages/server/src/journal/testing/setup.ts';
import { ManualClock } from '../../packages/server/src/kernel/clock.ts';
import { silentLog } from '../../packages/server/src/kernel/log.ts';
import { createServiceNames } from '../../packages/server/src/kernel/names.ts';
import { seededRandom } from '../../packages/server/src/kernel/random.ts';
import { createTelemetry } from '../../packages/server/src/kernel/telemetry.ts';
import { logsSection } from '../../packages/server/src/logs/config.ts';
import { OtlpLogs } from '../../packages/server/src/logs/ingest/otlp/signal.ts';
import { LogDoors } from '../../packages/server/src/logs/ingest/service.ts';
import { chunkOf as linesOf, readRow } from '../../packages/server/src/logs/store/chunk.ts';
import { createLogsStore } from '../../packages/server/src/logs/store/store.ts';
import { LOG_DOORS, type LogDoor } from '../../packages/server/src/logs/testing/door-bodies.ts';
import { tracesSection } from '../../packages/server/src/traces/config.ts';
import { SpanDoors } from '../../packages/server/src/traces/ingest/doors.ts';
import { readJaegerBatch } from '../../packages/server/src/traces/ingest/jaeger/batch.ts';
import { OtlpTracesService } from '../../packages/server/src/traces/ingest/otlp/service.ts';
import { readZipkinJson } from '../../packages/server/src/traces/ingest/zipkin/json.ts';
import { readZipkinProtobuf } from '../../packages/server/src/traces/ingest/zipkin/protobuf.ts';
import { readOutline, chunkOf as spansOf } from '../../packages/server/src/traces/store/chunk.ts';
import { createTracesStore } from '../../packages/server/src/traces/store/store.ts';
import { SPAN_DOORS, type SpanDoor } from '../../packages/server/src/traces/testing/door-bodies.ts';
import { TABLES } from '../../packages/server/src/wire-storage.ts';

const NOW = 1_700_000_000_000;
const TENANT = 'default';
/** Of one batch. */
const ROWS = 3;
const BATCHES = 4;
/** A sender gives up on a batch in one life after so many refusals; the next life begins with it. */
const TRIES = 3;

/** A row as the engine holds it, and how often. */
interface StoredRow {
  readonly table: string;
  /** Its message, or of a span its id. */
  readonly key: string;
  /** What the statements of a restart ask for. */
  readonly words: Readonly<Record<string, bigint | number | string>>;
  times: number;
}

/** What outlives the lives of a server: by table and identity. */
export type Disk = Map<string, StoredRow>;

/** What the senders know. */
export interface Senders {
  /** Batches each door has to send, the first ones first; what was acknowledged is gone from it. */
  readonly left: Map<string, string[][]>;
  /** What each door sent last, acknowledged or not. */
  readonly last: Map<string, string[]>;
  readonly acknowledged: Set<string>;
}

const LOG_NAMES = Object.keys(LOG_DOORS) as LogDoor[]; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the keys of a constant
const SPAN_NAMES = Object.keys(SPAN_DOORS) as SpanDoor[]; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the keys of a constant

/** Every door has so many batches to send; every row has a key of its own. */
export function newSenders(): Senders {
  const left = new Map<string, string[][]>();
  const batches = (key: (n: number) => string): string[][] =>
    Array.from({ length: BATCHES }, (_, batch) =>
      Array.from({ length: ROWS }, (__, row) => key(batch * ROWS + row)),
    );
  for (const door of LOG_NAMES)
    left.set(
      `log ${door}`,
      batches((n) => `${door} line ${n}`),
    );
  for (const [i, door] of SPAN_NAMES.entries())
    left.set(
      `span ${door}`,
      batches((n) => (1 + i * 1000 + n).toString(16).padStart(16, '0')),
    );
  return { left, last: new Map(), acknowledged: new Set() };
}

/** An engine that commits an insert whole or not at all, both steps under the fault plan, and remembers identities as its tables do. */
function engineOn(disk: Disk, plan: FaultPlan): Engine {
  const commit = async ({ table, payload, rows, day, reconcile }: InsertBlock): Promise<void> => {
    for (const { identity, ...row } of rowsOf(table.name, Buffer.concat(payload), rows, day ?? 0)) {
      const known = disk.get(identity);
      if (known === undefined) disk.set(identity, { ...row, times: 1 });
      else if (!reconcile) known.times++;
    }
  };
  return {
    async insert(block) {
      try {
        await plan.step('engine begin', async () => {});
        await plan.step('engine commit', () => commit(block));
      } catch (cause) {
        throw engineErrors.make('retryable', 'injected', { cause });
      }
    },
    query: async (_statement, { purpose }) => answerTo(purpose, disk),
    execute: async () => {},
    state: () => 'ready',
    onState: () => () => {},
  };
}

type NewRow = Omit<StoredRow, 'times'> & { readonly identity: string };

function rowsOf(table: string, payload: Buffer, rows: number, day: number): NewRow[] {
  const frame = { table, schemaVersion: 1, tenant: TENANT, day, rows, payload };
  if (table === 'logs') {
    const chunk = linesOf(frame);
    return Array.from({ length: rows }, (_, row) => {
      const word = (of: Uint32Array): bigint =>
        (BigInt(of[row * 2 + 1] ?? 0) << 32n) | BigInt(of[row * 2] ?? 0);
      const time = BigInt(chunk.ms[row] ?? 0) * 1_000_000n + BigInt(chunk.nanos[row] ?? 0);
      const words = { tenant: TENANT, time, stream: word(chunk.streams), id: word(chunk.ids) };
      return {
        table,
        key: readRow(chunk, row).message,
        words,
        identity: `logs ${time} ${words.stream} ${words.id}`,
      };
    });
  }
  if (table !== 'spans') return [];
  const chunk = spansOf(frame);
  return Array.from({ length: rows }, (_, row) => {
    const hex = Buffer.from(chunk.ids.buffer, chunk.ids.byteOffset + row * 24, 24).toString('hex');
    const { spanId, kind } = readOutline(chunk, row);
    const words = { tenant: TENANT, trace_id: hex.slice(0, 32), span_id: spanId, kind };
    return { table, key: spanId, words, identity: `spans ${words.trace_id} ${spanId} ${kind}` };
  });
}

/** Only what a restart learns is answered; the jobs behind the doors find an engine that cannot. */
function answerTo(purpose: string, disk: Disk): ColumnBlock {
  if (purpose !== 'logs.restart' && purpose !== 'traces.restart')
    throw engineErrors.make('gone', 'not asked here');
  const table = purpose === 'logs.restart' ? 'logs' : 'spans';
  const rows = [...disk.values()].filter((row) => row.table === table).map(({ words }) => words);
  const none = (): never => {
    throw new Error('not asked');
  };
  return {
    rows: rows.length,
    names: Object.keys(rows[0] ?? {}),
    numbers: (name) => Float64Array.from(rows, (row) => Number(row[name])),
    bigints: (name) => BigUint64Array.from(rows, (row) => BigInt(row[name] ?? 0)),
    strings: (name) => rows.map((row) => String(row[name])),
    column: (name) => {
      const data = Buffer.concat(rows.map((row) => Buffer.from(String(row[name]), 'hex')));
      return { kind: 'bytes', width: data.length / Math.max(1, rows.length), data };
    },
    array: none,
    map: none,
  };
}

export interface Life {
  readonly inner: MemoryFileSystem;
  readonly plan: FaultPlan;
  readonly disk: Disk;
  readonly senders: Senders;
  /** Whether the senders begin with what they sent last, as those do that heard nothing. */
  readonly repeats: boolean;
}

/** One life of a server: opens, takes what is left to send through every door at once while it flushes, until done or killed. */
export function live(life: Life): Promise<'killed' | 'ended' | 'notOpened'> {
  return Promise.race([serve(life), life.plan.killed.then(() => 'killed' as const)]);
}

async function serve({ inner, plan, disk, senders, repeats }: Life): Promise<'ended' | 'notOpened'> {
  const clock = new ManualClock(NOW);
  const engine = engineOn(disk, plan);
  const server = await open(withFaults(inner, plan), engine, clock).catch(() => null);
  if (server === null) return 'notOpened';
  const { journal, flusher, doors, stop } = server;
  flusher.start();
  if (repeats)
    await Promise.all(
      [...senders.last].map(async ([name, keys]) => {
        if (await send(doors, name, keys)) for (const key of keys) senders.acknowledged.add(key);
      }),
    );
  for (let batch = 0; batch < BATCHES; batch++) {
    await Promise.all([...senders.left].map(([name, left]) => sendNext(doors, senders, name, left)));
    await clock.advance(batch % 2 === 1 ? 5000 : 700);
    await settle(5);
  }
  await until(clock, () => plan.frozen || journal.pressure().bytes === 0);
  await stop();
  return 'ended';
}

async function sendNext(doors: Doors, senders: Senders, name: string, left: string[][]): Promise<void> {
  const [keys] = left;
  if (keys === undefined) return;
  senders.last.set(name, keys);
  for (let attempt = 0; attempt < TRIES; attempt++)
    if (await send(doors, name, keys)) {
      for (const key of keys) senders.acknowledged.add(key);
      left.shift();
      return;
    }
}

interface Doors {
  readonly logs: LogDoors;
  readonly otlpLogs: OtlpLogs;
  readonly spans: SpanDoors;
  readonly otlpTraces: OtlpTracesService;
}

/** True when the door took them. The same keys make the same bytes. */
async function send(doors: Doors, name: string, keys: readonly string[]): Promise<boolean> {
  try {
    await take(doors, name, keys);
    return true;
  } catch {
    return false;
  }
}

async function take(
  { logs, otlpLogs, spans, otlpTraces }: Doors,
  name: string,
  keys: readonly string[],
): Promise<void> {
  const [signal, door] = name.split(' ');
  const number = Number.parseInt(keys[0]?.split(' ').at(-1) ?? '', signal === 'log' ? 10 : 16);
  const at = NOW + (number % 1000);
  const bytes = (body: string | Uint8Array): Uint8Array => Buffer.from(body);
  if (signal === 'log') {
    const body = bytes(LOG_DOORS[door as LogDoor]('crash', keys, at).body); // oxlint-disable-line typescript/no-unsafe-type-assertion -- names are made of the doors' own
    if (door === 'lines') await logs.lines(TENANT, body, 'crash');
    else if (door === 'loki-json') await logs.loki(TENANT, 'json', body, false);
    else if (door === 'loki-protobuf') await logs.loki(TENANT, 'protobuf', body, true);
    else await otlpLogs.export(TENANT, door === 'otlp-json' ? 'json' : 'protobuf', body);
    return;
  }
  const batch = { service: 'crash', traceId: (keys[0] ?? '').padStart(32, 'a'), spanIds: keys, at };
  const body = bytes(SPAN_DOORS[door as SpanDoor](batch).body); // oxlint-disable-line typescript/no-unsafe-type-assertion -- names are made of the doors' own
  const reader = {
    'zipkin-json': readZipkinJson,
    'zipkin-protobuf': readZipkinProtobuf,
    'jaeger-thrift': readJaegerBatch,
  };
  const read = Object.entries(reader).find(([own]) => own === door)?.[1];
  if (read !== undefined) await spans.take(TENANT, name, (session) => read(body, session));
  else await otlpTraces.export(TENANT, door === 'otlp-json' ? 'json' : 'protobuf', body);
}

async function open(fs: ReturnType<typeof withFaults>, engine: Engine, clock: ManualClock) {
  const telemetry = createTelemetry();
  const base = { clock, log: silentLog, telemetry: journalTelemetry(telemetry) };
  const config = journalConfigSchema.parse({
    freeDiskBytes: 0,
    segmentBytes: 8192,
    batchBytes: 4096,
    flushSeconds: 5,
  });
  const quarantine = createQuarantine({ ...base, fs, directory: '/data/quarantine' });
  const journal = await openJournal({ ...base, fs, directory: '/data/journal', quarantine, config });
  const flusher = createFlusher({
    ...base,
    source: journal,
    engine,
    tables: (name) => TABLES.find((spec) => spec.name === name),
    quarantine,
    random: seededRandom(1),
    config,
  });
  const breathe = (): Promise<void> => Promise.resolve();
  const shared = {
    engine,
    journal,
    clock,
    names: createServiceNames(new Map()),
    telemetry,
    log: silentLog,
    breathe,
  };
  const lines = await createLogsStore({ ...shared, config: logsSection.schema.parse({}) });
  const traces = await createTracesStore({ ...shared, config: tracesSection.schema.parse({}) });
  const signal = new AbortController().signal;
  await lines.service.start?.(signal);
  await traces.service.start?.(signal);
  const logs = new LogDoors({ sink: lines.sink, clock, telemetry: lines.telemetry, breathe });
  const spans = new SpanDoors({ sink: traces.sink, telemetry: traces.telemetry, breathe });
  const doors: Doors = {
    logs,
    otlpLogs: new OtlpLogs(logs),
    spans,
    otlpTraces: new OtlpTracesService(spans),
  };
  return {
    journal,
    flusher,
    doors,
    stop: async () => {
      await flusher.drain(signal);
      await journal.close();
      await traces.service.stop?.(signal);
      await lines.service.stop?.(signal);
    },
  };
}

/** What is wrong in the end; empty when every row that was acknowledged is stored, and no row twice. */
export function faultsOf(disk: Disk, { acknowledged, left }: Senders): string[] {
  const times = new Map<string, number>();
  for (const { key, times: own } of disk.values()) times.set(key, (times.get(key) ?? 0) + own);
  return [
    ...[...acknowledged].filter((key) => !times.has(key)).map((key) => `${key} is lost`),
    ...[...times].filter(([, count]) => count > 1).map(([key, count]) => `${key} is stored ${count} times`),
    ...[...left]
      .filter(([, batches]) => batches.length > 0)
      .map(([name]) => `${name} could not send all it had`),
  ];
}
