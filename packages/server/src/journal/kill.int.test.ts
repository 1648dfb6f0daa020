import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import { bundled } from '../kernel/testing/bundled.ts';
import { journalConfigSchema } from './config.ts';
import { nodeFileSystem } from './fs.ts';
import { dataDirectoryErrors, openDataDirectory } from './index.ts';
import { openJournal } from './journal.ts';
import { createQuarantine } from './quarantine.ts';
import { journalTelemetry } from './telemetry.ts';
import { idsOf } from './testing/fake-engine.ts';

const script = fileURLToPath(new URL('./testing/appender-process.ts', import.meta.url));

function start(path: string, from: number): ChildProcess {
  return spawn(process.execPath, [bundled(script), path, String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Collects acknowledged numbers, kills the process after so many of them, and gives all that were printed. */
async function killAfter(child: ChildProcess, count: number): Promise<number[]> {
  const seen: number[] = [];
  if (child.stdout === null) throw new Error('the child has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    seen.push(Number(line));
    if (seen.length === count) child.kill('SIGKILL');
  }
  return seen;
}

/** Numbers in the journal, in order. */
async function replayed(path: string): Promise<number[]> {
  const telemetry = journalTelemetry(createTelemetry());
  const base = { fs: nodeFileSystem, clock: systemClock, log: silentLog, telemetry };
  const quarantine = createQuarantine({ ...base, directory: join(path, 'quarantine') });
  const config = journalConfigSchema.parse({});
  const journal = await openJournal({ ...base, directory: join(path, 'journal'), quarantine, config });
  const ids: number[] = [];
  await journal.replay((frame) => {
    if (frame.day !== 1) ids.push(...idsOf(frame.payload));
  });
  await journal.close();
  expect(quarantine.count()).toBe(0);
  return ids;
}

it('a SIGKILL while appending loses nothing that was acknowledged, and frees the directory', async () => {
  const path = mkdtempSync(join(tmpdir(), 'pharos-kill-'));
  const acknowledged: number[] = [];
  try {
    for (const [round, count] of [40, 333, 1200].entries()) {
      const child = start(path, round * 1_000_000);
      acknowledged.push(...(await killAfter(child, count)));
      const ids = await replayed(path);
      // How far a process comes before it is killed is open: tens of thousands, where this one has to wait for the processor.
      const stored = new Set(ids);
      expect(stored.size).toBe(ids.length);
      expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(1573);
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
});

it('a second process is refused while the first one lives', async () => {
  const path = mkdtempSync(join(tmpdir(), 'pharos-kill-'));
  const child = start(path, 0);
  try {
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const refusal: unknown = await openDataDirectory({ path, log: silentLog }).catch(
      (error: unknown) => error,
    );
    expect(dataDirectoryErrors.is(refusal, 'locked') && refusal.details?.['pid']).toBe(child.pid);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    await (await openDataDirectory({ path, log: silentLog })).release();
  } finally {
    child.kill('SIGKILL');
    rmSync(path, { recursive: true, force: true });
  }
});
