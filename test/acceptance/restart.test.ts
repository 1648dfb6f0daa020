import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask, engineReady, killEngine, ownMetric, pushText, serviceOf } from '../support/client.ts';
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

/** Acknowledged log lines by their message; the body of the last request that was sent. */
const acknowledgedLines = new Set<string>();
let lastLines = '';
const LINES = 10;

/** Pushes a batch of log lines; true when it was acknowledged. */
async function pushLines(url: string): Promise<boolean> {
  const messages = Array.from({ length: LINES }, () => `restart line ${time++}`);
  const body = messages
    .map((message, i) => JSON.stringify({ timestamp: (time - i) * 1000, service: 'restarted', message }))
    .join('\n');
  lastLines = body;
  const answer = await fetch(`${url}/api/logs`, { method: 'POST', body });
  await answer.arrayBuffer();
  if (answer.ok) for (const message of messages) acknowledgedLines.add(message);
  return answer.ok;
}

/** How often each stored line is answered. */
async function answeredLines(url: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (let cursor: string | null = ''; cursor !== null; ) {
    const parameters = new URLSearchParams({ window: '2h', limit: '5000', service: 'restarted' });
    if (cursor !== '') parameters.set('cursor', cursor);
    const answer = await fetch(`${url}/api/logs?${parameters.toString()}`);
    const page = (await answer.json()) as {
      logs: { message: string }[];
      next: string | null;
      warnings: string[];
    };
    expect(page.warnings).toEqual([]);
    for (const { message } of page.logs) counts.set(message, (counts.get(message) ?? 0) + 1);
    cursor = page.next;
  }
  return counts;
}

async function linesAreThereOnce(url: string): Promise<void> {
  const counts = await answeredLines(url);
  expect([...acknowledgedLines].filter((message) => !counts.has(message))).toEqual([]);
  expect([...counts].filter(([, count]) => count > 1)).toEqual([]);
}

/** One test after the other on one data directory, as its life goes. */
describe('a server that is killed', () => {
  let pharos: RunningPharos;
  let config: string;
  let unhealthySince = '';
  // A target that fails from the start: its state is to outlive the server.
  const target = createServer((_request, response) => {
    response.writeHead(500).end();
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const address = target.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    config = `storage: {flush_interval: 1s}\nself_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nscrape_configs:\n  - job_name: broken\n    scrape_interval: 1s\n    scrape_timeout: 1s\n    static_configs: [{targets: ['127.0.0.1:${port}']}]\n`;
    pharos = await startPharosProcess({ config });
  });

  afterAll(async () => {
    await pharos.stop();
    await removeData(pharos);
    await new Promise((resolve) => target.close(resolve));
  });

  async function allAnswered(): Promise<void> {
    const counts = await ask(pharos.url, 'sum(count_over_time(restart_value[1h]))');
    expect(Number(counts[0]?.value[1])).toBeGreaterThanOrEqual(acknowledged.size);
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
      expect(await pushLines(pharos.url)).toBe(true);
    }
    // So half of it lies in the engine, and the rest only in the journal.
    await vi.waitFor(() => flushed(pharos.url), { timeout: 20_000, interval: 100 });
    let batches = 0;
    const sender = async (): Promise<void> => {
      const both = async () => (await pushBatch(pharos.url)) && (await pushLines(pharos.url));
      while (await both().catch(() => false)) if (++batches === BATCHES) pharos.child.kill('SIGKILL');
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    expect(await pharos.stop('SIGKILL')).toBeNull();
    expect(acknowledged.size).toBeGreaterThanOrEqual(2 * BATCHES * SERIES);
    expect(acknowledgedLines.size).toBeGreaterThanOrEqual(BATCHES * LINES);
  });

  it('answers with every acknowledged sample, its states with their age, and its annotations', async () => {
    pharos = await startPharosProcess({ config, directory: pharos.directory });
    await allAnswered();
    // A sender that heard nothing sends again: whatever of it was stored is not stored twice.
    expect((await fetch(`${pharos.url}/api/logs`, { method: 'POST', body: lastLines })).status).toBe(200);
    await linesAreThereOnce(pharos.url);
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
          expect(await pushLines(pharos.url)).toBe(true);
          expect((await fetch(`${pharos.url}/api/summary?window=5m`)).status).toBe(200);
          expect(await ask(pharos.url, 'up{job="broken"} == 0')).toHaveLength(1);
          expect(await ask(pharos.url, 'max_over_time(restart_value[15m])')).not.toHaveLength(0);
          if (down && !(await engineReady(pharos.url))) withoutEngine++;
          else if (withoutEngine > 0) return;
          throw new Error('the engine has not been gone and come back yet');
        },
        { timeout: 20_000, interval: 1 },
      );
      expect(withoutEngine).toBeGreaterThan(0);
    }
    await allAnswered();
  });

  it('has everything acknowledged exactly once in its engine', async () => {
    await vi.waitFor(() => flushed(pharos.url), { timeout: 20_000 });
    await linesAreThereOnce(pharos.url);
    expect(await pharos.stop()).toBe(0);
    const stored = await storedSamples(join(pharos.directory, 'data', 'engine'), 'restart_value', 'series');
    expect([...acknowledged].filter((key) => !stored.has(key))).toEqual([]);
    expect([...stored].filter(([, count]) => count > 1)).toEqual([]);
  });
});

async function flushed(url: string): Promise<void> {
  expect(await ownMetric(url, 'pharos_journal_pending_rows')).toBe(0);
}
