import type { ContractEntry } from '@pharos/logql/testing';
import type { Engine } from '../../engine/index.ts';
import type { MemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createServiceNames } from '../../kernel/names.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { logsSection } from '../config.ts';
import { detectLevel, namedLevel } from '../level.ts';
import { metadataLabels } from '../store/metadata-labels.ts';
import { createLogsStore, type LogsStore } from '../store/store.ts';
import { withServiceName } from '../store/streams.ts';
import { timeOfNanos } from '../time.ts';

/** A store that has started, at a time in epoch ms. */
export async function openLogsStore(engine: Engine, journal: MemoryJournal, now: number): Promise<LogsStore> {
  const store = await createLogsStore({
    engine,
    journal,
    clock: new ManualClock(now),
    names: createServiceNames(new Map()),
    telemetry: createTelemetry(),
    log: silentLog,
    // What the engine has is asked of the engine.
    config: logsSection.schema.parse({ newest_memory: 0 }),
    breathe: () => Promise.resolve(),
  });
  await store.service.start?.(new AbortController().signal);
  return store;
}

/** Sends entries through the appender; all of them must be taken. */
export async function pushEntries(
  store: LogsStore,
  tenant: string,
  entries: readonly ContractEntry[],
): Promise<void> {
  const appender = store.sink.appender(tenant);
  for (const { stream, timestamp, line, metadata } of entries) {
    const ref = appender.stream(stream);
    if (typeof ref !== 'number') throw new Error(ref.message);
    const bytes = Buffer.from(line);
    appender.append(ref, {
      time: timeOfNanos(timestamp),
      bytes,
      start: 0,
      end: bytes.length,
      metadata: [...metadata.pairs],
    });
  }
  const { refused } = await appender.commit();
  if (refused.length > 0) throw new Error(JSON.stringify(refused));
}

/** What a line is read back as: with the labels that the server adds (LP-4), and once; lines that differ in their metadata are two. */
export function asStored(entries: readonly ContractEntry[]): readonly ContractEntry[] {
  const seen = new Set<string>();
  return entries.flatMap(({ stream, timestamp, line, metadata }) => {
    const labels = withServiceName(stream);
    const key = JSON.stringify([labels.key, `${timestamp}`, line, metadata.pairs]);
    if (seen.has(key)) return [];
    seen.add(key);
    const bytes = Buffer.from(line);
    const level =
      namedLevel((name) => labels.get(name) || undefined) ??
      namedLevel((name) => metadata.get(name) || undefined) ??
      detectLevel(bytes, 0, bytes.length);
    return [{ stream: labels, timestamp, line, metadata: metadataLabels(level, metadata.pairs) }];
  });
}
