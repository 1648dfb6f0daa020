import { QueryError } from '@pharos/promql';
import type { LogStorage } from '../storage.ts';
import { ask, EPOCH } from './logqltest.ts';
import { type EvalCommand, readScript } from './logqltest-script.ts';
import { MemoryLogStorage } from './memory-storage.ts';
import { type ContractEntry, withoutLine } from './storage-contract.ts';

/** A storage that holds the entries, and these as they are read back from it: a server adds labels of its own. */
export interface OpenedStorage {
  readonly storage: LogStorage;
  readonly entries: readonly ContractEntry[];
}

export interface StorageResult {
  /** Evaluations that were compared. */
  readonly compared: number;
  /** Where a storage's answer is another one than that of a memory storage with the same entries. */
  readonly differences: readonly string[];
}

/** Runs the evaluations of a logqltest script over a storage and over memory; what the script expects does not matter. */
export async function compareLogqltest(
  text: string,
  open: (entries: readonly ContractEntry[]) => Promise<OpenedStorage>,
): Promise<StorageResult> {
  let entries: ContractEntry[] = [];
  let opened: (OpenedStorage & { readonly memory: LogStorage }) | undefined;
  let compared = 0;
  const differences: string[] = [];
  for (const command of readScript(text)) {
    if (command.kind !== 'eval') {
      opened = undefined;
      if (command.kind === 'clear') entries = [];
      else
        for (const { labels, metadata, timeNs, line } of command.entries)
          entries.push({ stream: labels, timestamp: EPOCH + BigInt(timeNs), line, metadata });
      continue;
    }
    if (opened === undefined) {
      const made = await open(entries);
      opened = { ...made, memory: inMemory(made.entries) };
    }
    const [expected, got] = [await textOf(opened.memory, command), await textOf(opened.storage, command)];
    compared++;
    if (expected !== got)
      differences.push(`line ${command.line}: ${command.query}\nexpected:\n${expected}\ngot:\n${got}`);
  }
  return { compared, differences };
}

function inMemory(entries: readonly ContractEntry[]): MemoryLogStorage {
  const memory = new MemoryLogStorage();
  for (const { stream, timestamp, line, metadata } of entries) memory.add(stream, timestamp, line, metadata);
  return memory;
}

/** Digits that count: sums may be added up in another order. */
const DIGITS = 9;

async function textOf(storage: LogStorage, command: EvalCommand): Promise<string> {
  try {
    const answer = await ask(storage, command);
    if ('scalar' in answer) return answer.scalar.toPrecision(DIGITS);
    const lines = answer.series.map(
      ({ labels, values }) =>
        `${labels.toString()} ${values.map((value) => value?.toPrecision(DIGITS) ?? '_').join(' ')}`,
    );
    return (command.ordered ? lines : lines.sort()).join('\n');
  } catch (error) {
    if (error instanceof QueryError) return `${error.kind}: ${withoutLine(error.message)}`;
    throw error;
  }
}
