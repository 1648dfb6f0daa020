import { join } from 'node:path';
import { z } from 'zod';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { type Cost, costOf, engineOf } from '../process-cost.ts';
import type { Running } from '../systems/types.ts';
import { child } from './child.ts';

/** Bodies of requests in files, ready to be sent. */
export interface Prepared {
  readonly files: readonly string[];
  readonly rows: number;
  readonly rawBytes: number;
}

const made = z.object({ rows: z.number(), rawBytes: z.number() });
const sent = z.object({ seconds: z.number(), refused: z.number(), medianMs: z.number(), p99Ms: z.number() });

/** Processes that prepare at once, and connections that send. */
const PREPARERS = 2;
const CONNECTIONS = 4;

/** Makes the bodies of `count` lines or traces in a directory. */
export async function prepare(
  directory: string,
  { kind, plan, count }: { readonly kind: 'lines' | 'spans'; readonly plan: object; readonly count: number },
): Promise<Prepared> {
  const edge = (part: number): number => Math.floor((count * part) / PREPARERS);
  const files = Array.from({ length: PREPARERS }, (_, part) => join(directory, `${kind}-${part}`));
  const parts = await Promise.all(
    files.map(async (file, part) =>
      made.parse(
        await child('prepare-bodies.ts', [
          kind,
          file,
          JSON.stringify(plan),
          String(edge(part)),
          String(edge(part + 1)),
        ]),
      ),
    ),
  );
  return {
    files,
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    rawBytes: parts.reduce((sum, { rawBytes }) => sum + rawBytes, 0),
  };
}

/** What storing cost: CPU until all of it is in the engine, merged and at rest. */
export interface IngestFigures {
  readonly rowsPerSecond: number;
  readonly refused: number;
  readonly answerMs: number;
  readonly answerP99Ms: number;
  readonly serverMicros: number;
  readonly engineMicros: number;
}

/** Sends what is prepared, and waits until nothing is left to do. */
export async function ingest(
  running: Running,
  path: string,
  contentType: string,
  { files, rows }: Prepared,
): Promise<IngestFigures> {
  const before = await costs(running);
  const args = [`${running.url}${path}`, contentType, String(CONNECTIONS), ...files];
  const { seconds, refused, medianMs, p99Ms } = sent.parse(await child('send-bodies.ts', args));
  await running.settled();
  const after = await rest(running);
  const micros = (of: 'server' | 'engine'): number =>
    ((after[of].cpuSeconds - before[of].cpuSeconds) * 1e6) / rows;
  return {
    rowsPerSecond: rows / seconds,
    refused,
    answerMs: medianMs,
    answerP99Ms: p99Ms,
    serverMicros: micros('server'),
    engineMicros: micros('engine'),
  };
}

/** Server and engine apart. */
export async function costs(running: Running): Promise<Record<'server' | 'engine', Cost>> {
  const engine = await engineOf(running.pid);
  const [all, ofEngine] = [await costOf(running.pid), await costOf(engine)];
  return {
    server: {
      cpuSeconds: all.cpuSeconds - ofEngine.cpuSeconds,
      residentMb: all.residentMb - ofEngine.residentMb,
      anonymousMb: all.anonymousMb - ofEngine.anonymousMb,
    },
    engine: ofEngine,
  };
}

const LOOK_MS = 3000;
/** Of one core; a server without work takes far less. */
const AT_REST = 0.05;
const MOST_LOOKS = 60;

/** Waits until merges and jobs have come to their end. */
async function rest(running: Running): Promise<Record<'server' | 'engine', Cost>> {
  let last = await costs(running);
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    await systemClock.sleep(LOOK_MS);
    const now = await costs(running);
    const used =
      now.server.cpuSeconds - last.server.cpuSeconds + (now.engine.cpuSeconds - last.engine.cpuSeconds);
    if (used < (AT_REST * LOOK_MS) / 1000) return now;
    last = now;
  }
  return last;
}

export function printIngest(what: string, { rows, rawBytes }: Prepared, figures: IngestFigures): void {
  const { rowsPerSecond, refused, answerMs, answerP99Ms, serverMicros, engineMicros } = figures;
  console.log(
    `${rows.toLocaleString('en-US')} ${what}s, ${(rawBytes / 1e6).toFixed(0)} MB raw: ${Math.round(rowsPerSecond).toLocaleString('en-US')} ${what}s/s (answers ${answerMs.toFixed(0)} ms median, ${answerP99Ms.toFixed(0)} ms p99; ${refused} told to come again)`,
  );
  console.log(
    `CPU per ${what}: server ${serverMicros.toFixed(1)} µs, engine ${engineMicros.toFixed(1)} µs (merges that followed included)`,
  );
}
