import type { Labels } from '@pharos/promql';
import {
  acrossTenants,
  type ColumnBlock,
  dateTime64,
  type Engine,
  type LimitClass,
  sql,
  table,
  writtenSince,
} from '../../engine/index.ts';
import { DurableRows, type Frame, type Journal } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import { Identities } from '../../kernel/identities.ts';
import type { Log } from '../../kernel/log.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import type { Service } from '../../kernel/services.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import type { LogsConfig } from '../config.ts';
import type { LogSink } from '../sink.ts';
import { logStreamsTable, logsTable } from '../tables.ts';
import { LineFeed } from '../tail/feed.ts';
import { logsTelemetry } from '../telemetry.ts';
import { timeOfNanos } from '../time.ts';
import { StoreAppender } from './appender.ts';
import { chunkOf, frameOf, type LineChunk, without } from './chunk.ts';
import { createLogHasher } from './hasher.ts';
import { identitiesOf } from './identities.ts';
import { LineSearch } from './line-search.ts';
import { LogReader } from './log-reader.ts';
import { PendingLines } from './memory.ts';
import { type NewestInMemory, NewestLines } from './newest-lines.ts';
import type { LineAnswer, LineQuery } from './query.ts';
import { StreamCatalogue } from './stream-catalogue.ts';
import { readStreamRows } from './stream-rows.ts';
import { Streams } from './streams.ts';

export interface LogsStoreDeps {
  readonly engine: Engine;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly names: ServiceNames;
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly config: LogsConfig;
  /** Lets other work run in the middle of a long search. */
  readonly breathe: () => Promise<void>;
}

export interface LogsStore {
  readonly sink: LogSink;
  readonly telemetry: ReturnType<typeof logsTelemetry>;
  /** Hears of all lines that became durable, in order; must not throw. */
  onStored(listener: (chunk: LineChunk) => void): void;
  search(query: LineQuery, signal?: AbortSignal): Promise<LineAnswer>;
  /**
   * The lines of a tenant as LogQL reads them; for one request, whose warnings it keeps. `limits` is what its statements run under where
   * they need nothing else: `interactive` when absent.
   */
  reader(tenant: string, limits?: LimitClass): LogReader;
  readonly follow: FollowedLines;
  readonly service: Service;
}

/** Lines as they become durable. */
interface FollowedLines {
  /** Returns the unsubscribe. */
  subscribe: LineFeed['subscribe'];
  /** The labels of an active stream by its two words. */
  labelsOf(tenant: string, low: number, high: number): Labels | undefined;
}

const COLLECT_EVERY_MS = 10 * 60_000;
/** A restart learns the identities of the last lines: repeats come soon. */
const LEARN_MS = 30 * 60_000;
const MOST_LEARNED = 500_000;
/** Of lines that tell of a longer past: those in parts of so many rows at most. */
const MOST_LATE = 250_000;

export async function createLogsStore(deps: LogsStoreDeps): Promise<LogsStore> {
  const { engine, journal, clock, names, config, log } = deps;
  const hasher = await createLogHasher();
  const streams = new Streams({ hasher, names, limit: config.stream_limit });
  const catalogue = new StreamCatalogue(engine, streams, deps.breathe);
  const pending = new PendingLines();
  const newest = new NewestLines(config.newest_memory);
  const newestOf = (tenant: string): NewestInMemory => newest.with(tenant, pending.of(tenant));
  const search = new LineSearch({ ...deps, streams, pending, newest: newestOf });
  const feed = new LineFeed();
  const identities = new Identities();
  const telemetry = logsTelemetry(deps.telemetry, () => ({
    streams: streams.size,
    pendingLines: pending.rows,
    pendingBytes: pending.bytes,
    newestBytes: newest.bytes,
  }));
  const listeners = new Set<(chunk: LineChunk) => void>([(chunk) => feed.publish(chunk)]);
  const rows = new DurableRows<LineChunk>({
    journal,
    identities,
    pending,
    identitiesOf,
    without,
    frameOf,
    onStored: (chunk) => {
      for (const listener of listeners) listener(chunk);
    },
  });
  const appenderDeps = { streams, hasher, pending, rows, clock, config, telemetry };
  let timer: Timer | null = null;
  let unsubscribe = (): void => {};
  return {
    sink: { appender: (tenant) => new StoreAppender(appenderDeps, tenant) },
    telemetry,
    onStored: (listener) => void listeners.add(listener),
    search: (query, signal) => search.search(query, signal),
    reader: (tenant, limits = 'interactive') =>
      new LogReader(
        {
          engine: under(engine, limits),
          catalogue,
          pending: (of) => pending.of(of),
          newest: newestOf,
          breathe: deps.breathe,
        },
        tenant,
      ),
    follow: {
      subscribe: feed.subscribe.bind(feed),
      labelsOf: (tenant, low, high) => streams.find(tenant, low, high)?.labels,
    },
    service: {
      name: 'logs-store',
      dependsOn: ['engine', 'journal'],
      start: async () => {
        unsubscribe = journal.onFlushed((position) =>
          newest.add(pending.flushed(position), clock.monotonic()),
        );
        await replay(journal, { streams, rows, clock });
        const last = await learn(engine, identities, clock, log);
        if (last !== null) newest.startAt(last + 1);
        timer = clock.every(COLLECT_EVERY_MS, () => {
          newest.forget(clock.monotonic());
          const waiting = pending.streamKeys();
          streams.collect(clock.now(), (ref) => {
            const stream = streams.of(ref);
            return stream !== undefined && waiting.has(`${stream.low} ${stream.high}`);
          });
        });
      },
      stop: () => {
        timer?.cancel();
        unsubscribe();
      },
    },
  };
}

/** The engine for who reads under these limits. */
function under(engine: Engine, limits: LimitClass): Pick<Engine, 'query' | 'state'> {
  return {
    query: (statement, options) => engine.query(statement, { limits, ...options }),
    state: () => engine.state(),
  };
}

/** What was acknowledged and is not flushed, back into memory. */
async function replay(
  journal: Journal,
  { streams, rows, clock }: { streams: Streams; rows: DurableRows<LineChunk>; clock: Clock },
): Promise<void> {
  await journal.replay((frame: Frame, position) => {
    if (frame.table === logStreamsTable.name) {
      readStreamRows(frame, (labels) => {
        const stream = streams.resolve(frame.tenant, labels, clock.now());
        if (stream !== null) streams.markDay(stream, frame.day);
      });
    } else if (frame.table === logsTable.name) {
      const chunk = chunkOf(frame);
      rows.restore(chunk, position);
    }
  });
}

/**
 * The identities of the newest flushed lines; an engine that cannot answer costs only the recognition of repeats. Answers an epoch ms that
 * no flushed line is younger than; null where that is not known.
 */
async function learn(engine: Engine, identities: Identities, clock: Clock, log: Log): Promise<number | null> {
  const since = clock.now() - LEARN_MS;
  const options = { purpose: 'logs.restart', tenant: '', limits: 'background' } as const;
  const columns = sql`SELECT tenant, toInt64(toUnixTimestamp64Nano(ts)) AS time, stream, id FROM ${table(logsTable)}`;
  try {
    const late = await engine.query(
      sql`${acrossTenants}${columns} WHERE ts < ${dateTime64(since)} AND ${writtenSince(logsTable, since, MOST_LATE)}`,
      options,
    );
    learnRows(late, identities);
    const newest = await engine.query(
      sql`${acrossTenants}${columns} WHERE ts >= ${dateTime64(since)} ORDER BY ts DESC LIMIT ${MOST_LEARNED}`,
      options,
    );
    learnRows(newest, identities);
    const last = newest.rows > 0 ? newest.bigints('time')[0] : undefined;
    return last === undefined ? since : timeOfNanos(last).ms;
  } catch (error) {
    log.warn({ err: error }, 'the newest log lines could not be read; a repeat of them may be stored twice');
    return null;
  }
}

function learnRows(block: ColumnBlock, identities: Identities): void {
  if (block.rows === 0) return;
  const times = block.bigints('time');
  const streams = wordsOf(block.bigints('stream'));
  const ids = wordsOf(block.bigints('id'));
  for (const [row, tenant] of block.strings('tenant').entries()) {
    const { ms, nanos } = timeOfNanos(times[row] ?? 0n);
    identities.learn(
      identitiesOf({
        tenant,
        rows: 1,
        ms: Float64Array.of(ms),
        nanos: Uint32Array.of(nanos),
        streams: streams.subarray(row * 2, row * 2 + 2),
        ids: ids.subarray(row * 2, row * 2 + 2),
      }),
    );
  }
}

function wordsOf(column: BigUint64Array | BigInt64Array): Uint32Array {
  return new Uint32Array(column.buffer, column.byteOffset, column.length * 2);
}
