import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import type { Browser } from 'playwright-core';
import { afterAll, expect, it, vi } from 'vitest';
import { testCertificate } from '../../packages/server/src/egress/testing/setup.ts';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { launchBrowser, PAGE_DEFAULTS } from '../support/browser.ts';
import { childrenOf, ownMetric, sumOf } from '../support/client.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';

const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 300);
const PROBES = Number(process.env['SOAK_PROBES'] ?? 10_000);
const INTERVAL_SECONDS = 20;
const MOST_PAINT_MS = 1000;
const ROUNDS = 5;
/** Ticks of a second in /proc, on every Linux Node.js runs on. */
const TICKS = 100;

/** Two servers in a process of their own: plain, and TLS without tickets, so that no handshake is shortened. */
const TARGETS = `
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
const answer = (_, response) => response.end('{"status":"up"}');
const options = { key: process.env.KEY, cert: process.env.CERT, secureOptions: (await import('node:crypto')).constants.SSL_OP_NO_TICKET };
const servers = [createServer(answer), createTlsServer(options, answer)];
for (const server of servers) await new Promise((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
console.log(JSON.stringify(servers.map((server) => server.address().port)));
`;

let targets: ChildProcess | undefined;
let pharos: RunningPharos | undefined;
let browser: Browser | undefined;
afterAll(async () => {
  await browser?.close();
  if (pharos !== undefined) {
    await pharos.stop();
    await removeData(pharos);
  }
  targets?.kill();
});

async function startTargets(): Promise<readonly [plain: number, secure: number]> {
  const { key, cert } = await testCertificate('localhost');
  const child = spawn(process.execPath, ['--input-type=module', '-e', TARGETS], {
    env: { ...process.env, KEY: key, CERT: cert },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  targets = child;
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await vi.waitFor(() => expect(text).toContain(']'), { timeout: 30_000 });
  const [plain, secure] = JSON.parse(text) as [number, number];
  return [plain, secure];
}

/** CPU seconds of a process so far. */
async function cpuOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Milliseconds until the page of probes shows its rows, in a fresh page each time. */
async function paints(url: string): Promise<number[]> {
  browser = await launchBrowser();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const page = await browser.newPage({ ...PAGE_DEFAULTS, viewport: { width: 1440, height: 900 } });
    const began = performance.now();
    await page.goto(`${url}/probes`);
    await page.getByRole('region', { name: 'List of probes' }).getByRole('button').nth(10).waitFor();
    times.push(performance.now() - began);
    await page.close();
  }
  return times;
}

it(`holds ${PROBES} HTTP probes every ${INTERVAL_SECONDS} s, half of them over fresh TLS, on time`, async () => {
  const [plain, secure] = await startTargets();
  const checks = Array.from({ length: PROBES }, (_, i) => {
    const target = i % 2 === 0 ? `http://127.0.0.1:${plain}/${i}` : `https://127.0.0.1:${secure}/${i}`;
    return `    - {name: p${i}, type: http, target: '${target}', interval: ${INTERVAL_SECONDS}s, tls: {verify: false}}`;
  });
  const running = await startPharosProcess({
    config: `self_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nlog: {level: warn}\nprobes:\n  checks:\n${checks.join('\n')}\n`,
  });
  pharos = running;
  const own = (name: string, labels = ''): Promise<number> => ownMetric(running.url, name, labels);
  // The first round makes every series.
  await vi.waitFor(
    async () =>
      expect(await own('pharos_probes_looks_total', 'type="http",outcome="success"')).toBeGreaterThanOrEqual(
        PROBES,
      ),
    {
      timeout: 180_000,
      interval: 1000,
    },
  );
  const pid = running.child.pid ?? 0;
  const read = async () => {
    const text = await (await fetch(`${running.url}/metrics`)).text();
    return {
      server: await cpuOf(pid),
      engine: (await Promise.all((await childrenOf(pid)).map(cpuOf))).reduce((sum, one) => sum + one, 0),
      at: systemClock.monotonic(),
      looks: sumOf(text, 'pharos_probes_looks_total', 'type="http",outcome="success"'),
      missed: sumOf(text, 'pharos_probes_missed_total'),
      begun: sumOf(text, 'pharos_probes_lag_seconds_count'),
      inTime: sumOf(text, 'pharos_probes_lag_seconds_bucket', 'le="1"'),
      half: sumOf(text, 'pharos_probes_lag_seconds_bucket', 'le="0.1"'),
      unstored: sumOf(text, 'pharos_probes_unstored_results_total'),
    };
  };
  const before = await read();
  await systemClock.sleep(SECONDS * 1000);
  const after = await read();
  const seconds = (after.at - before.at) / 1000;
  const looks = after.looks - before.looks;
  const server = (after.server - before.server) / seconds;
  const engine = (after.engine - before.engine) / seconds;
  const late = after.begun - before.begun - (after.inTime - before.inTime);
  const begun = after.begun - before.begun;
  console.log(
    `${(looks / seconds).toFixed(1)} looks/s, server ${(server * 100).toFixed(1)} % of a core (${((server / looks) * seconds * 1e6).toFixed(0)} µs a look), engine ${(engine * 100).toFixed(1)} %, ` +
      `${(((after.half - before.half) / begun) * 100).toFixed(2)} % begun within 0.1 s, ${late} later than 1 s, ${after.missed - before.missed} missed`,
  );
  expect(late).toBe(0);
  expect(after.missed - before.missed).toBe(0);
  expect(after.unstored).toBe(0);
  expect(looks / seconds).toBeGreaterThan((PROBES / INTERVAL_SECONDS) * 0.97);
  expect(server + engine).toBeLessThan(1);
  const painted = await paints(running.url);
  console.log(`the page of probes shows its rows after ${painted.map((ms) => Math.round(ms)).join(', ')} ms`);
  expect(painted.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]).toBeLessThan(MOST_PAINT_MS);
});
