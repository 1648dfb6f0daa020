import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask, engineReady, killEngine, ownMetric, pushText, serviceOf } from '../support/client.ts';
import { answeredLines, areThereOnce, LogFile, LogPusher, linesAreThereOnce } from '../support/log-doors.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';
import { freePort } from '../support/ports.ts';
import { SpanPusher } from '../support/span-doors.ts';
import { withStoredRows } from '../support/stored.ts';

const SERIES = 20;
const SENDERS = 4;
const BATCHES = 60;

/** Acknowledged samples by `<series>@<ms>`; every sample has a time of its own, so that it can be recognised. */
const acknowledged = new Set<string>();
let time = Date.now() - 600_000;

/** Pushes one batch; true when it was acknowledged. */
async function pushBatch(url: string): Promise<boolean> {
  const keys: string[] = [];
  let text = '';
  for (let s = 0; s < SERIES; s++) {
    const at = time++;
    keys.push(`s${s}@${at}`);
    text += `restart_value{series="s${s}"} ${at % 1000} ${at}\n`;
  }
  const answer = await pushText(url, text);
  await answer.arrayBuffer();
  if (answer.ok) for (const key of keys) acknowledged.add(key);
  return answer.ok;
}

async function spansAreThereOnce(url: string, acknowledged: ReadonlySet<string>): Promise<void> {
  const answer = await fetch(`${url}/api/traces?service=restarted-spans&limit=1500&lookback=1d`);
  const { data } = (await answer.json()) as { data: { spans: { traceID: string; spanID: string }[] }[] };
  const found = data.flatMap(({ spans }) => spans.map(({ traceID, spanID }) => `${traceID} ${spanID}`));
  const counts = new Map<string, number>();
  for (const key of found) counts.set(key, (counts.get(key) ?? 0) + 1);
  areThereOnce(counts, acknowledged);
}

/** One test after the other on one data directory, as its life goes. */
describe('a server that is killed', () => {
  let pharos: RunningPharos;
  let config: string;
  let args: readonly string[];
  let unhealthySince = '';
  const logs = mkdtempSync(join(tmpdir(), 'pharos-logs-'));
  // Through every door of logs and of traces.
  const pusher = new LogPusher('restarted');
  const spans = new SpanPusher('restarted-spans');
  let grpcPort = 0;
  const to = () => ({ url: pharos.url, grpcPort });
  const file = new LogFile(join(logs, 'followed.log'));
  // A target that fails from the start: its state is to outlive the server.
  const target = createServer((_request, response) => {
    response.writeHead(500).end();
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const address = target.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    config = `storage: {flush_interval: 1s}\nself_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nscrape_configs:\n  - job_name: broken\n    scrape_interval: 1s\n    scrape_timeout: 1s\n    static_configs: [{targets: ['127.0.0.1:${port}']}]\nlogs:\n  files: {roots: [${logs}], poll_interval: 50ms, follow: [{paths: ['${logs}/*.log*']}]}\n`;
    grpcPort = await freePort();
    args = ['--set', `web.extra_ports.otlp_grpc=${grpcPort}`];
    pharos = await startPharosProcess({ config, args });
  });

  afterAll(async () => {
    await pharos.stop();
    await removeData(pharos);
    rmSync(logs, { recursive: true });
    await new Promise((resolve) => target.close(resolve));
  });

  async function allAnswered(): Promise<void> {
    const counts = await ask(pharos.url, 'sum(count_over_time(restart_value[1h]))');
    expect(Number(counts[0]?.value[1])).toBeGreaterThanOrEqual(acknowledged.size);
  }

  /** What stands in a file needs no acknowledgement: it is there to be read. */
  async function followedOnce(): Promise<void> {
    const all = async () =>
      expect((await answeredLines(pharos.url, 'followed')).size).toBe(file.written.size);
    await vi.waitFor(all, { timeout: 20_000, interval: 100 });
    await linesAreThereOnce(pharos.url, 'followed', file.written);
  }

  it('is killed in the middle of ingest', async () => {
    await vi.waitFor(async () => expect((await serviceOf(pharos.url, 'broken'))?.status).toBe('unhealthy'), {
      timeout: 20_000,
    });
    unhealthySince = (await serviceOf(pharos.url, 'broken'))?.since ?? '';
    const annotated = await fetch(`${pharos.url}/api/v1/annotations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'deployment', service: 'broken', title: 'broken 1.2.3' }),
    });
    expect(annotated.status).toBeLessThan(300);
    for (let batch = 0; batch < BATCHES; batch++) {
      expect(await pushBatch(pharos.url)).toBe(true);
      expect(await pusher.push(to())).toBe(true);
      file.write();
      expect(await spans.push(to())).toBe(true);
    }
    // So half of it lies in the engine, and the rest only in the journal.
    await flushed(pharos.url);
    let sent = 0;
    const sender = async (): Promise<void> => {
      const all = async () =>
        (await pushBatch(pharos.url)) && (await pusher.push(to())) && (await spans.push(to()));
      while (await all().catch(() => false)) {
        file.write();
        if (++sent === BATCHES) pharos.child.kill('SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    expect(await pharos.stop('SIGKILL')).toBeNull();
    expect(acknowledged.size).toBeGreaterThanOrEqual(2 * BATCHES * SERIES);
    expect(pusher.acknowledged.size).toBeGreaterThanOrEqual(10 * BATCHES);
    expect(spans.acknowledged.size).toBeGreaterThanOrEqual(10 * BATCHES);
  });

  it('answers with every acknowledged sample, its states with their age, and its annotations', async () => {
    pharos = await startPharosProcess({ config, args, directory: pharos.directory });
    await allAnswered();
    // A sender that heard nothing sends again: whatever of it was stored is not stored twice.
    expect(await pusher.repeat(to())).toBe(true);
    await linesAreThereOnce(pharos.url, 'restarted', pusher.acknowledged);
    await followedOnce();
    expect(await spans.repeat(to())).toBe(true);
    await spansAreThereOnce(pharos.url, spans.acknowledged);
    expect(await serviceOf(pharos.url, 'broken')).toMatchObject({
      status: 'unhealthy',
      since: unhealthySince,
    });
    await vi.waitFor(
      async () => expect(await ask(pharos.url, 'up{job="broken"} == 0')).toHaveLength(1),
      20_000,
    );
    expect((await serviceOf(pharos.url, 'broken'))?.since).toBe(unhealthySince);
    const annotations = (await (await fetch(`${pharos.url}/api/v1/annotations`)).json()) as {
      annotations: { title: string }[];
    };
    expect(annotations.annotations).toMatchObject([{ title: 'broken 1.2.3', service: 'broken' }]);
  });

  it('goes on without its engine: doors acknowledge, recent questions are answered', async () => {
    for (let kill = 0; kill < 3; kill++) {
      await killEngine(pharos);
      let withoutEngine = 0;
      await vi.waitFor(
        async () => {
          const down = !(await engineReady(pharos.url));
          expect(await pushBatch(pharos.url)).toBe(true);
          expect(await pusher.push(to())).toBe(true);
          file.write();
          expect(await spans.push(to())).toBe(true);
          expect((await fetch(`${pharos.url}/api/traces?service=restarted-spans&limit=5`)).status).toBe(200);
          expect((await fetch(`${pharos.url}/api/summary?window=5m`)).status).toBe(200);
          expect(await ask(pharos.url, 'up{job="broken"} == 0')).toHaveLength(1);
          expect(await ask(pharos.url, 'max_over_time(restart_value[15m])')).not.toHaveLength(0);
          if (down && !(await engineReady(pharos.url))) withoutEngine++;
          else if (withoutEngine > 0) return;
          // Back before a whole round was through, as on a busy machine: once more.
          else await killEngine(pharos);
          throw new Error('the engine has not been gone and come back yet');
        },
        { timeout: 60_000, interval: 1 },
      );
      expect(withoutEngine).toBeGreaterThan(0);
    }
    await allAnswered();
  });

  it('has everything acknowledged exactly once in its engine', async () => {
    await flushed(pharos.url);
    await linesAreThereOnce(pharos.url, 'restarted', pusher.acknowledged);
    await followedOnce();
    await spansAreThereOnce(pharos.url, spans.acknowledged);
    expect(await pharos.stop()).toBe(0);
    await withStoredRows(join(pharos.directory, 'data'), async (rows) => {
      areThereOnce(await rows.samples('restart_value', 'series'), acknowledged, 'samples');
      areThereOnce(await rows.lines('restarted'), pusher.acknowledged, 'lines');
      areThereOnce(await rows.lines('followed'), file.written, 'lines of the file');
      areThereOnce(await rows.spans('restarted-spans'), spans.acknowledged, 'spans');
    });
  });
});

/** Waits until the engine has what was acknowledged up to now; scrapes go on, so that on a busy machine something always waits. */
async function flushed(url: string): Promise<void> {
  const acknowledgedAt = Date.now();
  await vi.waitFor(
    async () => {
      const askedAt = Date.now();
      const lagMs = (await ownMetric(url, 'pharos_journal_flush_lag_seconds')) * 1000;
      expect(askedAt - lagMs).toBeGreaterThan(acknowledgedAt);
    },
    { timeout: 60_000, interval: 100 },
  );
}
