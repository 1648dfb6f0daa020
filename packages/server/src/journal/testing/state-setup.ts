import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import type { FileSystem } from '../fs.ts';
import { createQuarantine } from '../quarantine.ts';
import { type StateConfig, stateConfigSchema } from '../state/config.ts';
import { openStateStore } from '../state/store.ts';
import { stateTelemetry } from '../state/telemetry.ts';
import type { OpenStateStore } from '../state/types.ts';
import { journalTelemetry } from '../telemetry.ts';
import { createMemoryFileSystem } from './memory-fs.ts';

/** A state store over a given file system (default: a new one in memory), on a clock that stands still. */
export function openTestState(
  fs: FileSystem = createMemoryFileSystem(),
  config: Partial<StateConfig> = {},
  directory = '/data',
): Promise<OpenStateStore> {
  const clock = new ManualClock();
  const registry = createTelemetry();
  const log = silentLog;
  const quarantine = createQuarantine({
    fs,
    directory: `${directory}/quarantine`,
    clock,
    telemetry: journalTelemetry(registry),
    log,
  });
  return openStateStore({
    fs,
    directory: `${directory}/state`,
    clock,
    log,
    telemetry: stateTelemetry(registry),
    quarantine,
    config: stateConfigSchema.parse(config),
  });
}
