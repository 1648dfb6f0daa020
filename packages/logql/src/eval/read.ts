import { Labels } from '@pharos/promql';
import { executionError } from '../errors.ts';
import type { Grouping, RangeAggregation } from '../parse/ast.ts';
import { Entry } from '../pipeline/entry.ts';
import { compilePipeline } from '../pipeline/pipeline.ts';
import { countedBy, planSelection } from '../plan/plan.ts';
import { wantedLabels } from '../plan/wanted.ts';
import type { CompiledStage } from '../stages/types.ts';
import type { CountWindows, LogBatch } from '../storage.ts';
import type { EvalContext } from './context.ts';
import { lineWork, tallyBatch } from './context.ts';
import type { RelativeWindows } from './windows.ts';
import { firstWindow, lastWindow, relativeWindows } from './windows.ts';

/** Takes one entry that passed, with its first and last window, its time and, where bytes count, those of its line. */
export type Take = (entry: Entry, first: number, last: number, time: number, size: number) => void;

interface Reading {
  readonly windows: CountWindows;
  readonly grouping: Grouping | undefined;
  readonly take: Take;
  /** Behind the stages: unwraps, and what filters by that. */
  readonly after?: CompiledStage | undefined;
}

/** Puts the entries of a range aggregation through its stages; each that passes is taken once. */
export async function readEntries(
  context: EvalContext,
  node: RangeAggregation,
  { windows, grouping, take, after }: Reading,
): Promise<void> {
  const { selector } = node;
  const relative = relativeWindows(windows);
  const stages = compilePipeline(selector.stages, context.stages);
  const passes: CompiledStage = after === undefined ? stages : (entry) => stages(entry) && after(entry);
  const entry = new Entry();
  entry.want(wantedLabels(node, grouping));
  const inBytes = countedBy(node) === 'bytes';
  const plan = planSelection(selector);
  const linesUnused = plan.exact && plan.lineFilters.length === 0 && node.unwrap === undefined;
  const end = windows.end + BigInt(Math.round((windows.count - 1) * windows.stepNs)) + 1n;
  const batches = context.storage.select(
    {
      matchers: selector.matchers,
      start: relative.base + 1n,
      end,
      direction: 'forward',
      hints: { ...plan, linesUnused },
    },
    context.signal,
  );
  for await (const batch of batches) {
    tallyBatch(context, batch);
    await readBatch({ context, batch, entry, passes, take, windows: relative, inBytes });
    context.budget.check();
  }
}

interface BatchReading {
  readonly context: EvalContext;
  readonly batch: LogBatch;
  readonly entry: Entry;
  readonly passes: CompiledStage;
  readonly take: Take;
  readonly windows: RelativeWindows;
  readonly inBytes: boolean;
}

async function readBatch({
  context,
  batch,
  entry,
  passes,
  take,
  windows,
  inBytes,
}: BatchReading): Promise<void> {
  const { budget, tally } = context;
  const { timestamps, lines, metadata, sizes, stream } = batch;
  const end = windows.range + (windows.count - 1) * windows.step;
  for (let i = 0; i < timestamps.length; i++) {
    const timestamp = timestamps[i] ?? 0n;
    const time = Number(timestamp - windows.base);
    const first = firstWindow(windows, time);
    const last = lastWindow(windows, time);
    if (time <= 0 || time > end || first > last) continue;
    const line = lines[i] ?? '';
    entry.reset(timestamp, line, stream, metadata?.[i] ?? Labels.EMPTY);
    if (passes(entry)) {
      if (entry.error !== '') throw pipelineError(entry);
      tally.kept++;
      const known = entry.line === line ? sizes?.[i] : undefined;
      take(entry, first, last, time, inBytes ? (known ?? Buffer.byteLength(entry.line)) : 0);
    }
    if (budget.spend(lineWork(line))) await budget.pause();
  }
}

/** A count or a sum over lines of which some failed would be a lie: the query ends, unless it filters them out. */
function pipelineError(entry: Entry): Error {
  return executionError(
    `pipeline error: '${entry.error}' for series: '${entry.labels().toString()}'. ` +
      `Drop such lines with a label filter, | __error__!="${entry.error}" or | __error__="", behind the stage or the unwrap that fails.`,
  );
}
