import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { ownMetric } from '../support/client.ts';
import { freePort, peerBinary } from '../support/peers.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';
import { NumberedTarget, SENDERS, type Sender, type SenderName, startSender } from '../support/senders.ts';

const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 600);
const KILLS = 3;
const SERIES = 500;
/** How long every write is held back after it has done its work, so that a kill meets requests whose rows are durable. */
const HOLD_MICROSECONDS = 4_000_000;
/** The number of the call pwrite64: x86-64, arm64. */
const PWRITE = process.arch === 'arm64' ? 68 : 18;

const peers = [await peerBinary('prometheus'), await peerBinary('vmagent')];
const tracer = canTrace();
for (const { reason } of peers) if (reason !== undefined) console.log(`skipped: ${reason}`);
if (!tracer) console.log('strace may not attach here: all kills are at any moment');

/**
 * Prometheus, its agent mode and vmagent write while Pharos is killed three times, the second time between its fsync and its
 * answer to requests known to be there. Every number the target gave out must be there, and queries must see it once; what Prometheus kept itself must be equal.
 */
describe.skipIf(peers.some(({ path }) => path === null))('remote write through kills', () => {
  const cleanup: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const step of cleanup.toReversed()) await step();
  });

  it(`loses and doubles nothing in ${SECONDS} s with ${KILLS} kills`, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pharos-soak-senders-'));
    cleanup.push(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
    const target = new NumberedTarget(SERIES);
    await target.open();
    cleanup.push(() => target.close());
    const port = await freePort();
    const start = (of?: RunningPharos): Promise<RunningPharos> =>
      startPharosProcess({
        config: 'self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nlog: {level: warn}\n',
        args: ['--set', `web.port=${port}`],
        ...(of === undefined ? {} : { directory: of.directory }),
      });
    let pharos = await start();
    cleanup.push(async () => {
      await pharos.stop('SIGKILL');
      await removeData(pharos);
    });
    const senders: Sender[] = [];
    for (const name of SENDERS) {
      const sender = await startSender(name, { target: target.address, pharos: pharos.url, directory });
      if (sender === null) throw new Error(`${name} is not there`);
      senders.push(sender);
      cleanup.push(() => sender.peer.stop());
    }
    const repeated: number[] = [];
    let durableUnanswered = 0;
    for (let kill = 1; kill <= KILLS; kill++) {
      await systemClock.sleep((SECONDS * 1000) / (KILLS + 1));
      let unanswered = 0;
      if (kill === 2 && tracer) unanswered = await killAfterDurable(pharos);
      else await pharos.stop('SIGKILL');
      pharos = await start(pharos);
      await untilCaughtUp(pharos, target);
      // What was stored and not answered is sent again; the newest samples may arrive before it.
      await vi.waitFor(async () => expect(await recognised(pharos)).toBeGreaterThanOrEqual(unanswered), {
        timeout: 30_000,
        interval: 250,
      });
      if (kill === 2) durableUnanswered = unanswered;
      repeated.push(await recognised(pharos));
    }
    await systemClock.sleep((SECONDS * 1000) / (KILLS + 1));
    // No more scrapes: what was given out until now must arrive.
    await target.close();
    const given = new Map(target.given);
    await untilCaughtUp(pharos, target);
    const report = await compare(pharos, senders, given);
    console.log(
      `remote write for ${SECONDS} s, ${KILLS} kills: ${report.samples} samples of ${SENDERS.join(', ')}; ${report.lost} lost, ${report.doubled} doubled; ${report.ownCompared} equal in Prometheus' own TSDB; sent again after a kill and recognised: ${repeated.join(', ')}; durable and unanswered at kill 2: ${durableUnanswered}`,
    );
    expect([report.lost, report.doubled, report.different]).toEqual([0, 0, 0]);
    expect(report.samples).toBeGreaterThan(SERIES * SENDERS.length * Math.min(SECONDS, 20) * 0.5);
    if (tracer) expect(durableUnanswered).toBeGreaterThan(0);
  });
});

/** Samples that came although the server had them already, since its start. */
const recognised = (pharos: RunningPharos): Promise<number> =>
  ownMetric(pharos.url, 'pharos_metrics_samples_rejected_total', 'reason="duplicate"');

/** Until the last number each sender was given is there for every series. */
async function untilCaughtUp(pharos: RunningPharos, target: NumberedTarget): Promise<void> {
  const wanted = new Map(target.given);
  await vi.waitFor(
    async () => {
      for (const [sender, number] of wanted) {
        const url = `${pharos.url}/api/v1/query?${new URLSearchParams({
          query: `count(max_over_time(sent_number{job="${sender}"}[1h]) >= ${number - 1})`,
        }).toString()}`;
        const body = (await (await fetch(url)).json()) as { data: { result: { value: [number, string] }[] } };
        expect(Number(body.data.result[0]?.value[1])).toBe(SERIES);
      }
    },
    { timeout: 120_000, interval: 500 },
  );
}

interface Report {
  samples: number;
  lost: number;
  doubled: number;
  different: number;
  ownCompared: number;
}

/** What is stored against what was given out, and against what Prometheus has in its own storage. */
async function compare(
  pharos: RunningPharos,
  senders: readonly Sender[],
  given: ReadonlyMap<string, number>,
): Promise<Report> {
  const report: Report = { samples: 0, lost: 0, doubled: 0, different: 0, ownCompared: 0 };
  for (const { name, url } of senders) {
    const stored = await rawSamples(pharos.url, name);
    const own = name === 'prometheus' ? await rawSamples(url, name) : null;
    const last = given.get(name) ?? 0;
    for (let series = 0; series < SERIES; series++) {
      const samples = stored.get(`s${series}`) ?? [];
      const seen = new Map<string, number>();
      for (const [, value] of samples) seen.set(value, (seen.get(value) ?? 0) + 1);
      // The scrape under way when the target closed was given a number nobody may have read.
      for (let number = 1; number < last; number++) if (!seen.has(`${number}`)) report.lost++;
      for (const count of seen.values()) if (count > 1) report.doubled++;
      report.samples += samples.length;
      const kept = own?.get(`s${series}`);
      if (own === null) continue;
      if (JSON.stringify(kept) === JSON.stringify(samples)) report.ownCompared += samples.length;
      else report.different++;
    }
  }
  return report;
}

/** Every sample of the numbered series of a sender: time and value, as an API of Prometheus gives them. */
async function rawSamples(
  url: string,
  sender: SenderName,
): Promise<Map<string, readonly [number, string][]>> {
  const all = new Map<string, readonly [number, string][]>();
  const parameters = new URLSearchParams({ query: `sent_number{job="${sender}"}[2h]` });
  const answer = await fetch(`${url}/api/v1/query?${parameters.toString()}`);
  const body = (await answer.json()) as {
    data: { result: { metric: { series: string }; values: [number, string][] }[] };
  };
  for (const { metric, values } of body.data.result) all.set(metric.series, values);
  return all;
}

/**
 * Ends the server while remote-written rows are durable and their requests not yet answered: strace holds each positional write back
 * as it returns, and the journal's are durable by then (its files are opened with O_DSYNC). Resolves with the number of those rows.
 */
async function killAfterDurable(pharos: RunningPharos): Promise<number> {
  const strace = spawn(
    'strace',
    [
      '-f',
      '-qq',
      '-e',
      'trace=pwrite64',
      '-e',
      `inject=pwrite64:delay_exit=${HOLD_MICROSECONDS}`,
      '-p',
      String(pharos.child.pid),
    ],
    { stdio: 'ignore' },
  );
  await attached(pharos, strace);
  const rows = await vi.waitFor(
    async () => {
      const held = await heldRows(pharos.child.pid ?? 0);
      expect(held).toBeGreaterThan(0);
      return held;
    },
    { timeout: 60_000, interval: 20 },
  );
  await pharos.stop('SIGKILL');
  if (strace.exitCode === null && strace.signalCode === null) {
    const ended = once(strace, 'exit');
    strace.kill('SIGINT');
    await ended;
  }
  return rows;
}

/** Rows of samples in a write to the journal that is held as it returns: seen twice, as entering one stops for a moment too. */
async function heldRows(pid: number): Promise<number> {
  const first = await heldWrites(pid);
  if (first.size === 0) return 0;
  await systemClock.sleep(300);
  const again = await heldWrites(pid);
  for (const [thread, write] of first) {
    if (again.get(thread)?.at !== write.at || again.get(thread)?.file !== write.file) continue;
    const rows = sampleRows((await readFile(write.file)).subarray(write.at, write.at + write.length));
    if (rows > 0) return rows;
  }
  return 0;
}

interface HeldWrite {
  readonly file: string;
  readonly at: number;
  readonly length: number;
}

/** Threads that strace has stopped in a write to a segment of the journal (proc(5): stat, syscall). */
async function heldWrites(pid: number): Promise<Map<string, HeldWrite>> {
  const held = new Map<string, HeldWrite>();
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => '');
    if (!/\) t /.test(stat)) continue;
    const call = await readFile(`/proc/${pid}/task/${thread}/syscall`, 'utf8').catch(() => '');
    const [number, descriptor, , length, at] = call.split(' ').map(Number);
    const file = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    if (number === PWRITE && /\/journal\/[^/]+\.seg$/.test(file))
      held.set(thread, { file, at: at ?? 0, length: length ?? 0 });
  }
  return held;
}

/**
 * Rows of the table `samples` in groups of the journal, by the frames' headers (journal/frames.ts). Nothing but remote write brings
 * samples to this server.
 */
function sampleRows(groups: Buffer): number {
  let rows = 0;
  for (let at = groups.indexOf('PhF1'); at !== -1; at = groups.indexOf('PhF1', at + 1))
    if (groups.subarray(at + 24, at + 24 + groups.readUInt8(at + 10)).toString() === 'samples')
      rows += groups.readUInt32LE(at + 16);
  return rows;
}

async function attached(pharos: RunningPharos, strace: ChildProcess): Promise<void> {
  await vi.waitFor(
    async () => {
      const status = await readFile(`/proc/${pharos.child.pid}/status`, 'utf8');
      expect(/^TracerPid:\t(\d+)$/m.exec(status)?.[1]).toBe(String(strace.pid));
    },
    { timeout: 10_000, interval: 50 },
  );
}

function canTrace(): boolean {
  const sleeper = spawn('sleep', ['5'], { stdio: 'ignore' });
  const traced = spawnSync('timeout', ['1', 'strace', '-p', String(sleeper.pid)], { encoding: 'utf8' });
  sleeper.kill();
  return /attached/.test(traced.stderr ?? '');
}
