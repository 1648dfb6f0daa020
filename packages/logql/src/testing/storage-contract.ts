import type { Labels } from '@pharos/promql';
import { Labels as LabelSet, QueryError } from '@pharos/promql';
import { createLogQueryEngine } from '../engine.ts';
import type { LogStorage } from '../storage.ts';
import { MemoryLogStorage } from './memory-storage.ts';

/** One line of the contract's data. */
export interface ContractEntry {
  readonly stream: Labels;
  /** ns since the Unix epoch. */
  readonly timestamp: bigint;
  readonly line: string;
  readonly metadata: Labels;
}

const SECOND = 1_000_000_000n;
const START = 1_767_225_600n * SECOND;

/** Lines a storage may get wrong: equal times, names that meet, empty values, other scripts, newlines, nothing at all. */
export const CONTRACT_ENTRIES: readonly ContractEntry[] = Array.from({ length: 60 }, (_, i) => ({
  stream: LabelSet.fromRecord(i % 3 === 0 ? { app: 'a', env: 'prod' } : { app: 'b', level: 'warn' }),
  timestamp: START + BigInt(Math.floor(i / 2)) * SECOND + (i % 7 === 0 ? 1n : 0n),
  line:
    [
      `level=error took=${i}ms GET /x/${i} from 10.0.0.${i}`,
      `{"level":"info","n":${i},"msg":"Größe \\"${i}\\""}`,
      'LEVEL=ERROR \u001b[0m',
      'two\nlines error',
      '',
    ][i % 5] ?? '',
  metadata:
    i % 4 === 0
      ? LabelSet.fromRecord({ trace: `t${i % 8}`, env: 'canary' })
      : i % 4 === 1
        ? LabelSet.fromSortedPairs(['level', 'meta', 'trace', ''])
        : LabelSet.EMPTY,
}));

const PIPELINES = [
  '',
  '|= "error"',
  '|= "error" or "ERROR"',
  '!= "level"',
  '|~ "(?i)error"',
  '|~ "two.lines"',
  '|~ "Gr(ö|oe)ße"',
  '!~ "^level"',
  '|> "level=<_> took=<_>"',
  '|= ip("10.0.0.0/28")',
  '|= "" | env="prod"',
  '| env=~"pro.*|canary" | trace!=""',
  '| trace=""',
  '| trace=~"t[0-3]" or env=~"(?i)CAN.+"',
  '| trace!~"t(0|4).*" | env=~".*a.y?"',
  '| env_extracted="canary"',
  '| level="warn" or level="meta"',
  '|= "level" | logfmt | took > 20ms',
  '| json | __error__="" |= "n"',
  '|= "error" | drop __error__, __error_details__ | trace!=""',
  '| line_format "x" |= "x"',
] as const;

/** Queries that choose among series of equal values, which a storage hands over in an order of its own. */
const TIES = ['topk(1', 'topk(3', 'bottomk(2', 'sort(', 'sort_desc('].map(
  (call) =>
    `${call}${call.endsWith('(') ? '' : ', '}rate({app=~"a|b"} | logfmt | __error__="" [1h] offset 1ns))`,
);

/** Every query of the contract. */
export const CONTRACT_QUERIES: readonly string[] = [...TIES, ...PIPELINES.flatMap(queriesOf)];

function queriesOf(stages: string): readonly string[] {
  return [
    `{app=~"a|b"} ${stages}`,
    `{app="a", env!="dev"} ${stages}`,
    `count_over_time({app=~".+"} ${stages} [5s])`,
    `sum by (app, trace) (rate({app=~".+"} ${stages} [7s] offset 1s))`,
    `sum(bytes_over_time({level="warn"} ${stages} [3s]))`,
    `sum by (env_extracted) (bytes_rate({app="a"} ${stages} [10s]))`,
    `absent_over_time({app="b", nope=""} ${stages} [2s])`,
  ];
}

/** What an engine answers over a storage, as text that can be compared; entries of one time in any order. */
async function answer(storage: LogStorage, query: string): Promise<string> {
  const engine = createLogQueryEngine();
  const texts: string[] = [];
  for (const [direction, limit] of [
    ['forward', 7],
    ['backward', 500],
  ] as const)
    try {
      const result = await engine.range({
        query,
        storage,
        start: START + 2n * SECOND,
        end: START + 25n * SECOND,
        stepNs: 4e9,
        limit,
        direction,
      });
      if (result.type === 'streams') {
        const times = result.entries.map(({ timestamp }) => String(timestamp));
        // Which entries of the last time are among the first is the storage's choice.
        const settled = result.entries.filter(
          ({ timestamp }) => limit === 500 || timestamp !== result.entries.at(-1)?.timestamp,
        );
        const lines = settled.map(
          ({ timestamp, line, labels: { stream, metadata, parsed } }) =>
            `${timestamp} ${JSON.stringify(line)} ${stream.key} ${metadata.key} ${parsed.key}`,
        );
        texts.push(times.join(' '), ...lines.sort());
      } else {
        for (const { labels, values, present } of result.series)
          texts.push(
            `${labels.key}: ${Array.from(present, (here, k) => (here === 1 ? values[k]?.toFixed(9) : '_')).join(' ')}`,
          );
        // Direction and limit are of lines.
        break;
      }
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      texts.push(`${error.kind}: ${withoutLine(error.message)}`);
    }
  return texts.join('\n');
}

/** Which of several failing lines is met first is the storage's choice: a message without what it says of that line. */
export function withoutLine(message: string): string {
  return message.replace(/ for series: .*/s, '').replace(/(?<=^pipeline error: )'.*'$/s, 'any');
}

/**
 * Runs queries over a storage that holds `entries` and over a memory that ignores every hint; answers the queries whose
 * answers differ, with both. A storage that keeps its contract gives an empty list.
 */
export async function differencesFromMemory(
  storage: LogStorage,
  queries: readonly string[] = CONTRACT_QUERIES,
  entries: readonly ContractEntry[] = CONTRACT_ENTRIES,
): Promise<readonly string[]> {
  const memory = new MemoryLogStorage();
  for (const { stream, timestamp, line, metadata } of entries) memory.add(stream, timestamp, line, metadata);
  const differences: string[] = [];
  for (const query of queries) {
    const [expected, got] = [await answer(memory, query), await answer(storage, query)];
    if (expected !== got) differences.push(`${query}\nexpected:\n${expected}\ngot:\n${got}`);
  }
  return differences;
}
