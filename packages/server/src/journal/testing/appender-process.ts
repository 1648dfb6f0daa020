import { join } from 'node:path';
import { systemClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { journalConfigSchema } from '../config.ts';
import { openDataDirectory } from '../data-directory.ts';
import { nodeFileSystem } from '../fs.ts';
import { openJournal } from '../journal.ts';
import { createQuarantine } from '../quarantine.ts';
import { journalTelemetry } from '../telemetry.ts';
import { rowsFrame } from './fake-engine.ts';

/*
 * A process to be killed: owns the data directory, appends rows numbered from the given id on from four senders, and
 * prints each number once it is acknowledged.
 */
const [path = '', from = '0'] = process.argv.slice(2);
const directory = await openDataDirectory({ path, log: silentLog });
const telemetry = journalTelemetry(createTelemetry());
const base = { fs: nodeFileSystem, clock: systemClock, log: silentLog, telemetry };
const quarantine = createQuarantine({ ...base, directory: directory.quarantine });
const config = journalConfigSchema.parse({ segmentBytes: 64 * 1024 });
const journal = await openJournal({ ...base, directory: join(path, 'journal'), quarantine, config });

let id = Number(from);
async function send(): Promise<never> {
  for (;;) {
    const mine = id++;
    await journal.append([rowsFrame([mine]), rowsFrame(Array<number>(50).fill(-1), { day: 1 })]);
    process.stdout.write(`${mine}\n`);
  }
}
await Promise.all([send(), send(), send(), send()]);
