import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask, engineReady, killEngine, ownMetric, pushText, serviceOf } from '../support/client.ts';
import { answeredLines, LogFile, LogPusher, linesAreThereOnce } from '../support/log-doors.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';
import { storedSamples } from '../support/stored.ts';

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

/** Acknowledged spans, `<trace> <span>`; the body of the last request that was sent. */
const acknowledgedSpans = new Set<string>();
let lastSpans = '';
let lastSpan = 0;
const SPANS = 10;
/** So that one answer holds all of them. */
const SPANS_PER_TRACE = 500;

/** Exports some spans of a trace; true when it was acknowledged. */
async function pushSpans(url: string): Promise<boolean> {
  const start = time++;
  const spans = Array.from({ length: SPANS }, () => ({
    traceId: (1 + Math.floor(++lastSpan / SPANS_PER_TRACE)).toString(16).padStart(32, '0'),
    spanId: lastSpan.toString(16).padStart(16, '0'),
    name: 'restarted',
    startTimeUnixNano: `${start}000000`,
    endTimeUnixNano: `${start + 1}000000`,
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'restarted' } }] };
  lastSpans = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
  const answer = await exportSpans(url, lastSpans);
  if (answer.ok) for (const { traceId, spanId } of spans) acknowledgedSpans.add(`${traceId} ${spanId}`);
  return answer.ok;
}

async function exportSpans(url: string, body: string): Promise<Response> {
  const answer = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  await answer.arrayBuffer();
  return answer;
}

async function spansAreThereOnce(url: string): Promise<void> {
  const answer = await fetch(`${url}/api/traces?service=restarted&limit=1500`);
  const { data } = (await answer.json()) as { data: { spans: { traceID: string; spanID: string }[] }[] };
  const found = data.flatMap(({ spans }) => spans.map(({ traceID, spanID }) => `${traceID} ${spanID}`));
  const counts = new Map<string, number>();
  for (const key of found) counts.set(key, (counts.get(key) ?? 0) + 1);
  expect([...acknowledgedSpans].filter((key) => !counts.has(key))).toEqual([]);
  expect([...counts].filter(([, count]) => count > 1)).toEqual([]);
}

/** One test after the other on one data directory, as its life goes. */
describe('a server that is killed', () => {
  let pharos: RunningPharos;
  let config: string;
  let unhealthySince = '';
  const logs = mkdtempSync(join(tmpdir(), 'pharos-logs-'));
  const pusher = new LogPusher('restarted');
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
    pharos = await startPharosProcess({ config });
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
      expect(await pusher.push(pharos.url)).toBe(true);
      file.write();
      expect(await pushSpans(pharos.url)).toBe(true);
    }
    // So half of it lies in the engine, and the rest only in the journal.
    await flushed(pharos.url);
    let sent = 0;
    const sender = async (): Promise<void> => {
      const all = async () =>
        (await pushBatch(pharos.url)) && (await pusher.push(pharos.url)) && (await pushSpans(pharos.url));
      while (await all().catch(() => false)) {
        file.write();
        if (++sent === BATCHES) pharos.child.kill('SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    expect(await pharos.stop('SIGKILL')).toBeNull();
    expect(acknowledged.size).toBeGreaterThanOrEqual(2 * BATCHES * SERIES);
    expect(pusher.acknowledged.size).toBeGreaterThanOrEqual(10 * BATCHES);
    expect(acknowledgedSpans.size).toBeGreaterThanOrEqual(BATCHES * SPANS);
  });

  it('answers with every acknowledged sample, its states with their age, and its annotations', async () => {
    pharos = await startPharosProcess({ config, directory: pharos.directory });
    await allAnswered();
    // A sender that heard nothing sends again: whatever of it was stored is not stored twice.
    expect(await pusher.repeat(pharos.url)).toBe(true);
    await linesAreThereOnce(pharos.url, 'restarted', pusher.acknowledged);
    await followedOnce();
    expect((await exportSpans(pharos.url, lastSpans)).status).toBe(200);
    await spansAreThereOnce(pharos.url);
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
          expect(await pusher.push(pharos.url)).toBe(true);
          file.write();
          expect(await pushSpans(pharos.url)).toBe(true);
          expect((await fetch(`${pharos.url}/api/traces?service=restarted&limit=5`)).status).toBe(200);
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
    await spansAreThereOnce(pharos.url);
    expect(await pharos.stop()).toBe(0);
    const stored = await storedSamples(join(pharos.directory, 'data', 'engine'), 'restart_value', 'series');
    expect([...acknowledged].filter((key) => !stored.has(key))).toEqual([]);
    expect([...stored].filter(([, count]) => count > 1)).toEqual([]);
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
