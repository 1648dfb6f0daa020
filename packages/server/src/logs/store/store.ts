import { Labels } from '@pharos/promql';
import { acrossTenants, dateTime64, type Engine, engineErrors, sql, table } from '../../engine/index.ts';
import { DurableRows, type Frame, type Journal } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import { Identities } from '../../kernel/identities.ts';
import { Kept } from '../../kernel/kept.ts';
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
import { searchEngine, streamLabels } from './engine-search.ts';
import { createLogHasher } from './hasher.ts';
import { identitiesOf } from './identities.ts';
import { ENGINE_AWAY, LogReader } from './log-reader.ts';
import { PendingLines } from './memory.ts';
import { type MemoryLine, searchChunks } from './memory-search.ts';
import { comparePlaces, type FoundLine, type LineAnswer, type LinePlace, type LineQuery } from './query.ts';
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
  /** The lines of a tenant as LogQL reads them; for one request, whose warnings it keeps. */
  reader(tenant: string): LogReader;
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
/** Of labels that were read, those of all tenants: some eight thousand sets. */
const KEPT_BYTES = 4 * 2 ** 20;

export async function createLogsStore(deps: LogsStoreDeps): Promise<LogsStore> {
  const { engine, journal, clock, names, config, log } = deps;
  const hasher = await createLogHasher();
  const streams = new Streams({ hasher, names, limit: config.stream_limit });
  const catalogue = new StreamCatalogue(engine, streams, deps.breathe);
  const pending = new PendingLines();
  const read = new Kept<Labels>(KEPT_BYTES, bytesOf);
  const feed = new LineFeed();
  const identities = new Identities();
  const telemetry = logsTelemetry(deps.telemetry, () => ({
    streams: streams.size,
    pendingLines: pending.rows,
    pendingBytes: pending.bytes,
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
    search: (query, signal) => search({ ...deps, streams, pending, read }, query, signal),
    reader: (tenant) =>
      new LogReader({ engine, catalogue, pending: (of) => pending.of(of), breathe: deps.breathe }, tenant),
    follow: {
      subscribe: feed.subscribe.bind(feed),
      labelsOf: (tenant, low, high) => streams.find(tenant, low, high)?.labels,
    },
    service: {
      name: 'logs-store',
      dependsOn: ['engine', 'journal'],
      start: async () => {
        unsubscribe = journal.onFlushed((position) => pending.flushed(position));
        await replay(journal, { streams, rows, clock });
        await learn(engine, identities, clock, log);
        timer = clock.every(COLLECT_EVERY_MS, () => {
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

interface Parts {
  readonly streams: Streams;
  readonly pending: PendingLines;
  /** Labels that the engine told of, by tenant and stream: a stream never has others. */
  readonly read: Kept<Labels>;
}

interface SearchDeps extends LogsStoreDeps, Parts {}

/** Memory is looked at first: what is flushed meanwhile is then found twice, and never missed. */
async function search(deps: SearchDeps, query: LineQuery, signal?: AbortSignal): Promise<LineAnswer> {
  const { engine, pending, breathe } = deps;
  const warnings: string[] = [];
  // One more than asked for tells whether there is more.
  const wanted = { ...query, limit: query.limit + 1 };
  const recent = await searchChunks(pending.of(query.tenant), wanted, breathe);
  let stored: readonly MemoryLine[] = [];
  try {
    if (engine.state() !== 'ready') throw engineErrors.make('gone', `the engine is ${engine.state()}`);
    stored = await searchEngine(engine, wanted, signal);
  } catch (error) {
    if (!engineErrors.is(error, 'gone') && !engineErrors.is(error, 'retryable')) throw error;
    warnings.push(ENGINE_AWAY);
  }
  // The engine may hold a line twice (a late repeat): then there are fewer lines than rows, and what lies behind the last row is not known.
  const edge = stored.length > query.limit ? stored.at(-1)?.place : undefined;
  const lines = merged(recent, stored, query, edge);
  const labelled = await withLabels(deps, query.tenant, lines.slice(0, query.limit), warnings, signal);
  return { lines: labelled, more: edge !== undefined || lines.length > query.limit, warnings };
}

/** Each line once, in order, up to one more than the limit; none behind `edge`. */
function merged(
  recent: readonly MemoryLine[],
  stored: readonly MemoryLine[],
  { direction, limit }: LineQuery,
  edge: LinePlace | undefined,
): MemoryLine[] {
  const sign = direction === 'backward' ? -1 : 1;
  const all = [...recent, ...stored].sort((a, b) => sign * comparePlaces(a.place, b.place));
  return all
    .filter((line, i) => {
      const before = all[i - 1];
      if (edge !== undefined && sign * comparePlaces(line.place, edge) > 0) return false;
      return before === undefined || comparePlaces(before.place, line.place) !== 0;
    })
    .slice(0, limit + 1);
}

async function withLabels(
  { engine, streams, read }: SearchDeps,
  tenant: string,
  lines: readonly MemoryLine[],
  warnings: string[],
  signal?: AbortSignal,
): Promise<FoundLine[]> {
  const known = new Map<bigint, Labels>();
  const missing = new Set<bigint>();
  for (const { place } of lines) {
    if (known.has(place.stream)) continue;
    const stream = streams.find(tenant, Number(place.stream & 0xffffffffn), Number(place.stream >> 32n));
    const labels = stream?.labels ?? read.get(`${place.stream} ${tenant}`);
    if (labels === undefined) missing.add(place.stream);
    else known.set(place.stream, labels);
  }
  try {
    if (missing.size > 0)
      for (const [id, labels] of await streamLabels(engine, tenant, [...missing], signal)) {
        known.set(id, labels);
        read.set(`${id} ${tenant}`, labels);
      }
  } catch (error) {
    if (!engineErrors.is(error, 'gone') && !engineErrors.is(error, 'retryable')) throw error;
    warnings.push('storage: the labels of some lines are missing: the engine is not available');
  }
  return lines.map((line) => ({ ...line, labels: known.get(line.place.stream) ?? Labels.EMPTY }));
}

/** What a set of labels takes, about. */
function bytesOf(labels: Labels): number {
  return labels.pairs.reduce((bytes, text) => bytes + 24 + text.length * 2, 200);
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

/** The identities of the newest flushed lines; an engine that cannot answer costs only the recognition of repeats. */
async function learn(engine: Engine, identities: Identities, clock: Clock, log: Log): Promise<void> {
  try {
    const block = await engine.query(
      sql`${acrossTenants}SELECT tenant, toInt64(toUnixTimestamp64Nano(ts)) AS time, stream, id FROM ${table(logsTable)}
        WHERE ts >= ${dateTime64(clock.now() - LEARN_MS)} ORDER BY ts DESC LIMIT ${MOST_LEARNED}`,
      { purpose: 'logs.restart', tenant: '', limits: 'background' },
    );
    const tenants = block.strings('tenant');
    const times = block.bigints('time');
    const streams = wordsOf(block.bigints('stream'));
    const ids = wordsOf(block.bigints('id'));
    for (const [row, tenant] of tenants.entries()) {
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
  } catch (error) {
    log.warn({ err: error }, 'the newest log lines could not be read; a repeat of them may be stored twice');
  }
}

function wordsOf(column: BigUint64Array | BigInt64Array): Uint32Array {
  return new Uint32Array(column.buffer, column.byteOffset, column.length * 2);
}
