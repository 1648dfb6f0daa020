import type { Engine } from '../../engine/index.ts';
import { DurableRows, type Frame, type Journal, PendingRows } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import { Identities } from '../../kernel/identities.ts';
import type { Log } from '../../kernel/log.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import type { Service } from '../../kernel/services.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import type { TracesConfig } from '../config.ts';
import type { SpanSink, SpanSource } from '../sink.ts';
import { spanOperationsTable, spanSourcesTable, spansTable } from '../tables.ts';
import { tracesTelemetry } from '../telemetry.ts';
import { SpanGraph, type SpanGraphDeps } from '../topology/graph.ts';
import { SpanMemory } from './answer-memory.ts';
import { type AppenderDeps, StoreAppender } from './appender.ts';
import { COLUMN_BYTES, chunkOf, frameOf, identitiesOf, type SpanChunk, without } from './chunk.ts';
import { learnIdentities } from './learn-identities.ts';
import { Operations, readOperationRows } from './operations.ts';
import { type ReaderParts, TraceReader } from './reader.ts';
import { createSourceHash, readSourceRows, Sources } from './sources.ts';

export interface TracesStoreDeps {
  readonly engine: Engine;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly names: ServiceNames;
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly config: TracesConfig;
  /** Told of the spans that became durable for the first time. */
  readonly onStored?: ((chunk: SpanChunk) => void) | undefined;
  readonly onSource?: AppenderDeps['onSource'];
  readonly onMinute?: SpanGraphDeps['onMinute'];
  /** Lets other work run in the middle of a long search. */
  readonly breathe: () => Promise<void>;
}

export interface TracesStore {
  readonly sink: SpanSink;
  readonly reader: TraceReader;
  readonly graph: SpanGraph;
  /** For the spans of answers. */
  readonly memory: SpanMemory;
  readonly telemetry: ReturnType<typeof tracesTelemetry>;
  readonly service: Service;
}

const COLLECT_EVERY_MS = 10 * 60_000;
/** Spans whose repeats are recognised for certain; twice as many at most. */
const REMEMBERED = 1_000_000;

export async function createTracesStore(deps: TracesStoreDeps): Promise<TracesStore> {
  const { engine, journal, clock, names, config, log } = deps;
  const sources = new Sources({
    hash: await createSourceHash(),
    names,
    limit: config.source_limit,
    memory: config.source_memory,
  });
  const operations = new Operations(config.operation_limit);
  const pending = new PendingRows<SpanChunk>(COLUMN_BYTES);
  const identities = new Identities(REMEMBERED);
  const memory = new SpanMemory(config.query.memory);
  const telemetry = tracesTelemetry(deps.telemetry, () => ({
    sources: sources.size,
    sourceBytes: sources.bytes,
    pendingSpans: pending.rows,
    pendingBytes: pending.bytes,
    answerBytes: memory.held,
  }));
  const graph = new SpanGraph({ ...deps, pending, acceptPast: config.accept_past });
  const rows = new DurableRows<SpanChunk>({
    journal,
    identities,
    pending,
    identitiesOf,
    without,
    frameOf,
    onStored: (chunk) => {
      graph.stored(chunk);
      deps.onStored?.(chunk);
    },
  });
  const { onSource } = deps;
  const appenderDeps = { sources, operations, pending, rows, clock, config, telemetry, onSource };
  const parts: ReaderParts = { ...deps, sources, operations, pending };
  let timer: Timer | null = null;
  let unsubscribe = (): void => {};
  return {
    sink: { appender: (tenant) => new StoreAppender(appenderDeps, tenant) },
    reader: new TraceReader(parts),
    graph,
    memory,
    telemetry,
    service: {
      name: 'traces-store',
      dependsOn: ['engine', 'journal'],
      start: async () => {
        unsubscribe = journal.onFlushed((position) => pending.flushed(position));
        const unflushed = await replay(journal, { sources, operations, rows, clock, graph });
        await learnIdentities({ engine, clock, log }, identities, unflushed);
        timer = clock.every(COLLECT_EVERY_MS, () => sources.collect(clock.now()));
        graph.start();
      },
      stop: async () => {
        timer?.cancel();
        unsubscribe();
        await graph.stop();
      },
    },
  };
}

interface Restored {
  readonly sources: Sources;
  readonly operations: Operations;
  readonly rows: DurableRows<SpanChunk>;
  readonly clock: Clock;
  readonly graph: SpanGraph;
}

/** What was acknowledged and is not flushed, back into memory; its identities, in the order in which it came. */
async function replay(
  journal: Journal,
  { sources, operations, rows, clock, graph }: Restored,
): Promise<readonly Uint32Array[]> {
  const unflushed: Uint32Array[] = [];
  await journal.replay((frame: Frame, position) => {
    if (frame.table === spanSourcesTable.name)
      readSourceRows(frame, (source: SpanSource) => {
        const known = sources.resolve(frame.tenant, source, clock.now());
        if (typeof known === 'object') known.days.add(frame.day);
      });
    else if (frame.table === spanOperationsTable.name)
      readOperationRows(frame, (operation) => operations.add(frame.tenant, frame.day, operation));
    else if (frame.table === spansTable.name) {
      const chunk = chunkOf(frame);
      rows.restore(chunk, position);
      unflushed.push(identitiesOf(chunk));
      graph.stored(chunk);
    }
  });
  return unflushed;
}
