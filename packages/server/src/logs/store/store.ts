import type { Labels } from '@pharos/promql';
import { type Engine, type LimitClass } from '../../engine/index.ts';
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
import { StoreAppender } from './appender.ts';
import { chunkOf, frameOf, type LineChunk, without } from './chunk.ts';
import { createLogHasher } from './hasher.ts';
import { identitiesOf } from './identities.ts';
import { learnIdentities } from './learn-identities.ts';
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
        const unflushed = await replay(journal, { streams, rows, clock });
        const last = await learnIdentities({ engine, clock, log }, identities, unflushed);
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

/** What was acknowledged and is not flushed, back into memory; its identities, in the order in which it came. */
async function replay(
  journal: Journal,
  { streams, rows, clock }: { streams: Streams; rows: DurableRows<LineChunk>; clock: Clock },
): Promise<readonly Uint32Array[]> {
  const unflushed: Uint32Array[] = [];
  await journal.replay((frame: Frame, position) => {
    if (frame.table === logStreamsTable.name) {
      readStreamRows(frame, (labels) => {
        const stream = streams.resolve(frame.tenant, labels, clock.now());
        if (stream !== null) streams.markDay(stream, frame.day);
      });
    } else if (frame.table === logsTable.name) {
      const chunk = chunkOf(frame);
      rows.restore(chunk, position);
      unflushed.push(identitiesOf(chunk));
    }
  });
  return unflushed;
}
