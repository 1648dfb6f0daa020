import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { seededRandom } from '../../packages/server/src/kernel/random.ts';
import { engineReady, killEngine, ownMetric } from '../support/client.ts';
import { answeredLines, LogFile, LogPusher, linesAreThereOnce } from '../support/log-doors.ts';
import { freePort } from '../support/peers.ts';
import { removeData, startPharosProcess } from '../support/pharos.ts';
import { SpanPusher } from '../support/span-doors.ts';
import { storedSamples, storedSpans } from '../support/stored.ts';

const ROUNDS = Number(process.env['SOAK_KILLS'] ?? 200);
const SEED = Number(process.env['SOAK_SEED'] ?? Date.now() % 1_000_000);
const SERIES = 50;
const LOGS = mkdtempSync(join(tmpdir(), 'pharos-soak-logs-'));
const SYSLOG_PORT = await freePort();
const CONFIG =
  `logs: {syslog: {tcp: ${SYSLOG_PORT}}, files: {roots: [${LOGS}], poll_interval: 50ms, follow: [{paths: ['${LOGS}/*.log*']}]}}\n` +
  'self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nlog: {level: warn}\nstorage: {flush_interval: 1s}\n';

/**
 * Random SIGKILLs of server and engine under ingest with heavy queries running. Every sample is told apart by (series, time); what was
 * acknowledged must be in the engine exactly once at the end.
 */
describe('random kills', () => {
  it(`lose and double nothing over ${ROUNDS} rounds (seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    const acknowledged = new Map<string, number>();
    const readyAfter: number[] = [];
    const engineBack: number[] = [];
    let refusedWhileUp = 0;
    let pharos = await startPharosProcess({ config: CONFIG });
    const ingest = new Ingest(acknowledged);
    const logs = new LogIngest();
    const spans = new SpanIngest();
    for (let round = 0; round < ROUNDS; round++) {
      const work = new AbortController();
      const writing = ingest.run(pharos.url, work.signal);
      const logging = logs.run(pharos.url, work.signal);
      const tracing = spans.run(pharos.url, work.signal);
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
        await Promise.all([logging, tracing, asking]);
      } else {
        await pharos.stop('SIGKILL');
        work.abort();
        await writing;
        await Promise.all([logging, tracing, asking]);
        const before = performance.now();
        pharos = await startPharosProcess({ config: CONFIG, directory: pharos.directory });
        readyAfter.push(performance.now() - before);
      }
    }
    const logged = await logs.check(pharos.url);
    await untilFlushed(pharos.url);
    await logs.check(pharos.url);
    expect(await pharos.stop('SIGTERM')).toBe(0);
    const stored = await storedSamples(join(pharos.directory, 'data', 'engine'), 'soak_value', 'series');
    const traced = await spans.check(join(pharos.directory, 'data', 'engine'));
    const lost = [...acknowledged.keys()].filter((key) => !stored.has(key));
    const doubled = [...stored].filter(([, count]) => count > 1);
    console.log(
      `kills ${ROUNDS}: ${acknowledged.size} acknowledged samples, ${lost.length} lost, ${doubled.length} doubled; ${logged}, ${traced}, 0 lost, 0 doubled; server ready again ${spread(readyAfter)}; engine ${spread(engineBack)}; ${refusedWhileUp} pushes refused while the engine was down`,
    );
    expect([lost.slice(0, 5), doubled.slice(0, 5)]).toEqual([[], []]);
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

/** Lines through every log door: pushed ones must be there once acknowledged, those of a file always, those of syslog at most once. */
class LogIngest {
  readonly #pusher = new LogPusher('pushed');
  readonly #file = new LogFile(join(LOGS, 'followed.log'));
  #syslog = 0;

  async run(url: string, signal: AbortSignal): Promise<void> {
    const socket = connect(SYSLOG_PORT, '127.0.0.1');
    socket.on('error', () => {});
    try {
      await this.#pusher.repeat(url);
      while (!signal.aborted) {
        this.#file.write();
        socket.write(`<13>1 ${new Date().toISOString()} host logged - - - syslog line ${this.#syslog++}\n`);
        await this.#pusher.push(url);
      }
    } catch {
      // Killed: the next round repeats what was on the way.
    } finally {
      socket.destroy();
    }
  }

  async check(url: string): Promise<string> {
    for (;;) {
      const { size } = await answeredLines(url, 'followed');
      if (size === this.#file.written.size) break;
      await systemClock.sleep(100);
    }
    await linesAreThereOnce(url, 'pushed', this.#pusher.acknowledged);
    await linesAreThereOnce(url, 'followed', this.#file.written);
    await linesAreThereOnce(url, 'logged', new Set());
    const stored = (await answeredLines(url, 'logged')).size;
    return `${this.#pusher.acknowledged.size} pushed lines, ${this.#file.written.size} of files, ${stored} of ${this.#syslog} by syslog`;
  }
}

/** Spans through every door of them: there once, in the engine too, when acknowledged. */
class SpanIngest {
  readonly #pusher = new SpanPusher('traced');

  async run(url: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#pusher.repeat(url);
      while (!signal.aborted) await this.#pusher.push(url);
    } catch {
      // Killed: the next round repeats what was on the way.
    }
  }

  async check(directory: string): Promise<string> {
    const stored = await storedSpans(directory, 'traced');
    expect([...this.#pusher.acknowledged].filter((key) => !stored.has(key)).slice(0, 5)).toEqual([]);
    expect([...stored].filter(([, count]) => count > 1).slice(0, 5)).toEqual([]);
    return `${this.#pusher.acknowledged.size} spans`;
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
