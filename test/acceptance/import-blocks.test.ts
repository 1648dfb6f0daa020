import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { freePort, peerBinary, startPeer } from '../support/peers.ts';
import { type RunningPharos, removeData, runPharos, startPharosProcess } from '../support/pharos.ts';

const run = promisify(execFile);
const promtool = await peerBinary('promtool');
const prometheus = await peerBinary('prometheus');
for (const peer of [promtool, prometheus]) if (peer.path === null) console.log(`skipped: ${peer.reason}`);

const answerShape = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string()])),
      }),
    ),
  }),
});

/** Blocks made by promtool, half of one series deleted by Prometheus, brought into the built server. */
describe.skipIf(promtool.path === null || prometheus.path === null)('pharos import blocks', () => {
  let folder: string;
  let pharos: RunningPharos;
  // Older than the doors take from senders, and not on a two-hour boundary, so that there are several blocks.
  const start = Math.floor(Date.now() / 1000) - 10 * 86_400;
  const COUNT = 1000;
  const STEP = 15;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pharos-import-'));
    const lines = ['# TYPE old gauge'];
    for (const job of ['a', 'b'])
      for (let i = 0; i < COUNT; i++) {
        const value = i === 500 ? 'NaN' : job === 'a' ? String(Math.sin(i) * 1e6) : String(i);
        lines.push(`old{job="${job}",text="quote \\" ü"} ${value} ${start + i * STEP}`);
      }
    await writeFile(join(folder, 'old.om'), `${lines.join('\n')}\n# EOF\n`);
    const blocks = join(folder, 'data');
    await run(promtool.path ?? '', [
      'tsdb',
      'create-blocks-from',
      'openmetrics',
      join(folder, 'old.om'),
      blocks,
    ]);
    await deleteHalf(blocks);
    pharos = await startPharosProcess({
      config: 'web: {enable_admin_api: true}\nself_metrics: {enabled: false}\n',
    });
  });
  afterAll(async () => {
    await pharos.stop();
    await removeData(pharos);
    await rm(folder, { recursive: true, force: true });
  });

  /** Prometheus itself writes the tombstones. */
  async function deleteHalf(blocks: string): Promise<void> {
    const port = await freePort();
    await writeFile(join(folder, 'prom.yml'), '');
    const peer = await startPeer(
      prometheus.path ?? '',
      [
        `--config.file=${join(folder, 'prom.yml')}`,
        `--storage.tsdb.path=${blocks}`,
        '--storage.tsdb.retention.time=100y',
        '--web.enable-admin-api',
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      `http://127.0.0.1:${port}/-/ready`,
    );
    const params = new URLSearchParams({ 'match[]': 'old{job="b"}', end: String(start + 99 * STEP) });
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/admin/tsdb/delete_series?${params}`, {
      method: 'POST',
    });
    expect(answer.status).toBe(204);
    await peer.stop();
  }

  async function stored(): Promise<z.output<typeof answerShape>['data']['result']> {
    const params = new URLSearchParams({
      query: `old[${COUNT * STEP + 1}s]`,
      time: String(start + COUNT * STEP),
    });
    const answer = await fetch(`${pharos.url}/api/v1/query?${params}`);
    return answerShape.parse(await answer.json()).data.result;
  }

  it('brings every sample in, without the deleted ones, and once when it is run twice', async () => {
    for (let round = 0; round < 2; round++) {
      const { code, output } = await runPharos([
        'import',
        'blocks',
        join(folder, 'data'),
        '--url',
        pharos.url,
      ]);
      expect([code, output]).toEqual([0, expect.stringMatching(/1900 samples of \d+ block\(s\)/)]);
    }
    const [a, b] = await stored();
    expect(a?.metric).toEqual({ __name__: 'old', job: 'a', text: 'quote " ü' });
    expect(a?.values).toHaveLength(COUNT);
    expect(a?.values.map(([time]) => time)).toEqual(
      Array.from({ length: COUNT }, (_, i) => start + i * STEP),
    );
    expect(a?.values.map(([, value]) => Number(value))).toEqual(
      Array.from({ length: COUNT }, (_, i) => (i === 500 ? Number.NaN : Number(String(Math.sin(i) * 1e6)))),
    );
    expect(b?.values).toHaveLength(COUNT - 100);
    expect(b?.values[0]).toEqual([start + 100 * STEP, '100']);
    await vi.waitFor(
      async () => expect((await stored()).map(({ values }) => values.length)).toEqual([COUNT, COUNT - 100]),
      { timeout: 30_000 },
    );
  });

  it('says why when it cannot', async () => {
    const closed = await startPharosProcess({});
    try {
      const refused = await runPharos(['import', 'blocks', join(folder, 'data'), '--url', closed.url]);
      expect(refused.code).toBe(1);
      expect(refused.output).toContain('web.enable_admin_api');
      const none = await runPharos(['import', 'blocks', folder.concat('/nowhere'), '--url', closed.url]);
      expect([none.code, none.output]).toEqual([1, expect.stringContaining('cannot be read')]);
    } finally {
      await closed.stop();
      await removeData(closed);
    }
  });
});
