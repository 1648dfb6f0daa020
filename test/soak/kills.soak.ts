import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { seededRandom } from '../../packages/server/src/kernel/random.ts';
import { engineReady, killEngine, ownMetric } from '../support/client.ts';
import { DoorLoad } from '../support/door-load.ts';
import { areThereOnce } from '../support/log-doors.ts';
import { removeData, startPharosProcess } from '../support/pharos.ts';
import { withStoredRows } from '../support/stored.ts';

const ROUNDS = Number(process.env['SOAK_KILLS'] ?? 200);
const SEED = Number(process.env['SOAK_SEED'] ?? Date.now() % 1_000_000);
const SERIES = 50;
const LOGS = mkdtempSync(join(tmpdir(), 'pharos-soak-logs-'));

/**
 * Random SIGKILLs of server and engine under ingest through every door of logs and traces, with heavy queries running. Every sample is told
 * apart by (series, time); what was acknowledged must be in the engine exactly once at the end, however often it was sent.
 */
describe('random kills', () => {
  it(`lose and double nothing over ${ROUNDS} rounds (seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    const acknowledged = new Map<string, number>();
    const readyAfter: number[] = [];
    const engineBack: number[] = [];
    let refusedWhileUp = 0;
    const doors = await DoorLoad.open(LOGS);
    const options = {
      config: `${doors.config}self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nlog: {level: warn}\nstorage: {flush_interval: 1s}\n`,
      args: doors.args,
    };
    let pharos = await startPharosProcess(options);
    const ingest = new Ingest(acknowledged);
    for (let round = 0; round < ROUNDS; round++) {
      const work = new AbortController();
      const writing = ingest.run(pharos.url, work.signal);
      const sending = doors.run(pharos.url, work.signal);
      const asking = heavyQueries(pharos.url, work.signal);
      await systemClock.sleep(30 + random() * 700);
      if (random() < 0.5) {
        const restarts = await ownMetric(pharos.url, 'pharos_engine_restarts_total');
        const before = performance.now();
        await killEngine(pharos);
        // The doors and recent answers go on without the engine.
        expect((await fetch(`${pharos.url}/api/health`)).status).toBe(200);
        await untilEngineIsBack(pharos.url, restarts);
        engineBack.push(performance.now() - before);
        work.abort();
        refusedWhileUp += await writing;
        await Promise.all([sending, asking]);
      } else {
        await pharos.stop('SIGKILL');
        work.abort();
        await writing;
        await Promise.all([sending, asking]);
        const before = performance.now();
        pharos = await startPharosProcess({ ...options, directory: pharos.directory });
        readyAfter.push(performance.now() - before);
      }
    }
    // A last time, so that every door has heard of all it sent.
    await doors.repeat(pharos.url);
    await doors.filesAreRead(pharos.url);
    await untilFlushed(pharos.url);
    await doors.areAnswered(pharos.url);
    expect(await pharos.stop('SIGTERM')).toBe(0);
    const told = await withStoredRows(join(pharos.directory, 'data'), async (rows) => {
      areThereOnce(await rows.samples('soak_value', 'series'), new Set(acknowledged.keys()), 'samples');
      return doors.check(rows);
    });
    console.log(
      `kills ${ROUNDS}: ${acknowledged.size} acknowledged samples; ${told}; 0 lost, 0 doubled; server ready again ${spread(readyAfter)}; engine ${spread(engineBack)}; ${refusedWhileUp} pushes refused while the engine was down`,
    );
    expect(acknowledged.size).toBeGreaterThan(ROUNDS);
    await removeData(pharos);
    rmSync(LOGS, { recursive: true });
  });
});

/** Pushes batches one after another; each sample's time is its own, so that it can be recognised. */
class Ingest {
  readonly #acknowledged: Map<string, number>;
  #time = Date.now() - 3_600_000;

  constructor(acknowledged: Map<string, number>) {
    this.#acknowledged = acknowledged;
  }

  /** Until aborted; returns how many pushes were answered with anything but success. */
  async run(url: string, signal: AbortSignal): Promise<number> {
    let refused = 0;
    while (!signal.aborted) {
      const keys: string[] = [];
      let text = '';
      for (let s = 0; s < SERIES; s++) {
        const time = this.#time++;
        keys.push(`s${s}@${time}`);
        text += `soak_value{series="s${s}"} ${time % 1000} ${time}\n`;
      }
      try {
        const answer = await fetch(`${url}/api/v1/import/prometheus`, {
          method: 'POST',
          body: text,
          signal: AbortSignal.timeout(20_000),
        });
        await answer.arrayBuffer();
        if (answer.ok) for (const key of keys) this.#acknowledged.set(key, 1);
        else refused++;
      } catch {
        return refused;
      }
    }
    return refused;
  }
}

async function heavyQueries(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const end = Date.now() / 1000;
    const query = new URLSearchParams({
      query: 'sum by (series) (rate(soak_value[5m]))',
      start: String(end - 7200),
      end: String(end),
      step: '5',
    });
    try {
      await (
        await fetch(`${url}/api/v1/query_range?${query.toString()}`, { signal: AbortSignal.timeout(20_000) })
      ).arrayBuffer();
    } catch {
      return;
    }
  }
}

/** Until the engine was started once more and answers: right after the kill it may still count as the healthy one it was. */
async function untilEngineIsBack(url: string, restarts: number): Promise<void> {
  while ((await ownMetric(url, 'pharos_engine_restarts_total')) <= restarts || !(await engineReady(url)))
    await systemClock.sleep(20);
}

/** Until the journal holds nothing that is not in the engine. */
async function untilFlushed(url: string): Promise<void> {
  for (;;) {
    const text = await (await fetch(`${url}/metrics`)).text();
    if (/^pharos_journal_pending_rows 0$/m.test(text)) return;
    await systemClock.sleep(100);
  }
}

function spread(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    `${Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)} ms`;
  return `median ${at(0.5)}, worst ${at(1)} of ${times.length}`;
}
