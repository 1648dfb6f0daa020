import { Labels } from '@pharos/promql';
import type { LogSelector } from '../parse/ast.ts';
import { Entry } from '../pipeline/entry.ts';
import { compilePipeline } from '../pipeline/pipeline.ts';
import { planSelection } from '../plan/plan.ts';
import type { LogEntry } from '../result.ts';
import type { Direction, LogBatch } from '../storage.ts';
import type { EvalContext } from './context.ts';
import { lineWork, tallyBatch } from './context.ts';

export interface LogsWanted {
  readonly start: bigint;
  readonly end: bigint;
  readonly direction: Direction;
  readonly limit: number;
  readonly intervalNs: number;
}

/** The first `limit` entries, in the direction asked for, that pass a selector's stages. */
export async function readLogs(
  context: EvalContext,
  selector: LogSelector,
  wanted: LogsWanted,
): Promise<readonly LogEntry[]> {
  const { start, end, direction, limit, intervalNs } = wanted;
  const plan = planSelection(selector);
  const passes = compilePipeline(selector.stages, context.stages);
  // Thinned entries make room for later ones: how many are needed shows only at the end.
  const best = new BestEntries(direction, intervalNs > 0 ? Number.POSITIVE_INFINITY : limit);
  const entry = new Entry();
  const batches = context.storage.select(
    {
      matchers: selector.matchers,
      start,
      end,
      direction,
      hints: { ...plan, limit: plan.exact && intervalNs === 0 ? limit : undefined, linesUnused: false },
    },
    context.signal,
  );
  for await (const batch of batches) {
    tallyBatch(context, batch);
    await readBatch({ context, batch, entry, passes, best, start, end });
    // What the next batches need not bring shows as soon as there are enough.
    context.budget.release(best.cut());
    if (batch.horizon !== undefined && best.isBeyond(batch.horizon)) break;
    context.budget.check();
  }
  return thin(best.finish(), direction, BigInt(Math.trunc(intervalNs))).slice(0, limit);
}

interface BatchReading {
  readonly context: EvalContext;
  readonly batch: LogBatch;
  readonly entry: Entry;
  readonly passes: (entry: Entry) => boolean;
  readonly best: BestEntries;
  readonly start: bigint;
  readonly end: bigint;
}

async function readBatch({ context, batch, entry, passes, best, start, end }: BatchReading): Promise<void> {
  const { budget, tally } = context;
  const { timestamps, lines, metadata, stream } = batch;
  for (let i = 0; i < timestamps.length; i++) {
    const timestamp = timestamps[i] ?? 0n;
    if (timestamp < start || timestamp >= end) continue;
    // The rest of the batch lies further away still.
    if (best.isBeyond(timestamp)) break;
    const line = lines[i] ?? '';
    entry.reset(timestamp, line, stream, metadata?.[i] ?? Labels.EMPTY);
    if (passes(entry)) {
      tally.kept++;
      budget.hold(entryCost(entry.line));
      budget.release(best.add({ timestamp, line: entry.line, labels: entry.categorized() }));
    }
    if (budget.spend(lineWork(line))) await budget.pause();
  }
}

/** What a kept entry costs, in samples of eight bytes: its line, its labels and the objects around them. */
function entryCost(line: string): number {
  return 64 + (line.length >> 3);
}

/** Keeps the first entries in a direction, of entries that come in any order. */
class BestEntries {
  readonly #backward: boolean;
  readonly #limit: number;
  #entries: LogEntry[] = [];
  /** With the limit reached, entries behind this time are of no use. */
  #worst: bigint | undefined;

  constructor(direction: Direction, limit: number) {
    this.#backward = direction === 'backward';
    this.#limit = limit;
  }

  /** Of one time the entries that came first stay: the last one's own time is beyond too. */
  isBeyond(timestamp: bigint): boolean {
    if (this.#worst === undefined) return false;
    return this.#backward ? timestamp <= this.#worst : timestamp >= this.#worst;
  }

  /** Answers the cost of the others it let go of. */
  add(entry: LogEntry): number {
    this.#entries.push(entry);
    if (this.#entries.length < 2 * this.#limit + 1000) return 0;
    return this.cut();
  }

  finish(): readonly LogEntry[] {
    this.#sort();
    return this.#entries.slice(0, this.#limit);
  }

  #sort(): void {
    const sign = this.#backward ? -1 : 1;
    // Stable: entries of one time keep the order they came in.
    this.#entries.sort((a, b) => (a.timestamp < b.timestamp ? -sign : a.timestamp > b.timestamp ? sign : 0));
  }

  /** Lets go of what is too many; answers its cost. */
  cut(): number {
    if (this.#entries.length < this.#limit) return 0;
    this.#sort();
    const dropped = this.#entries.splice(this.#limit);
    this.#worst = this.#entries.at(-1)?.timestamp;
    return dropped.reduce((cost, { line }) => cost + entryCost(line), 0);
  }
}

/** Entries at least `interval` apart, counted from the last one kept, whatever its stream. */
function thin(entries: readonly LogEntry[], direction: Direction, interval: bigint): readonly LogEntry[] {
  if (interval <= 0n) return entries;
  let last: bigint | undefined;
  return entries.filter(({ timestamp }) => {
    const apart =
      last === undefined ||
      (direction === 'forward' ? timestamp >= last + interval : timestamp <= last - interval);
    if (apart) last = timestamp;
    return apart;
  });
}
