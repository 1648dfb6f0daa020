import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ask, ownMetric } from '../support/client.ts';
import { peerBinary } from '../support/peers.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';
import { NumberedTarget, SENDERS, type Sender, startSender } from '../support/senders.ts';

const peers = [await peerBinary('prometheus'), await peerBinary('vmagent')];
for (const { reason } of peers) if (reason !== undefined) console.log(`skipped: ${reason}`);

/** Prometheus as server and as agent, and vmagent, write to the built server (compat RW-9). */
describe.skipIf(peers.some(({ path }) => path === null))('remote write from real senders', () => {
  const target = new NumberedTarget(20);
  const senders: Sender[] = [];
  let pharos: RunningPharos;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'pharos-senders-'));
    await target.open();
    pharos = await startPharosProcess({ config: 'host_metrics: {enabled: false}\n' });
    const started = await Promise.all(
      SENDERS.map((name) => startSender(name, { target: target.address, pharos: pharos.url, directory })),
    );
    senders.push(...started.filter((sender) => sender !== null));
  });

  afterAll(async () => {
    for (const { peer } of senders) await peer.stop();
    await target.close();
    await pharos.stop();
    await removeData(pharos);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  it.each(SENDERS)('%s: every series arrives, nothing is refused', async (name) => {
    await vi.waitFor(
      async () => {
        expect(await ask(pharos.url, `sent_number{job="${name}"} >= 3`)).toHaveLength(20);
        expect(await ask(pharos.url, `up{job="${name}"} == 1`)).toHaveLength(1);
      },
      { timeout: 30_000, interval: 250 },
    );
    const refused = await ownMetric(pharos.url, 'pharos_remote_write_requests_total', 'result="refused"');
    const failed = await ownMetric(pharos.url, 'pharos_remote_write_requests_total', 'result="failed"');
    expect([refused, failed]).toEqual([0, 0]);
  });

  it('descriptions come along (RW-5)', async () => {
    await vi.waitFor(
      async () => {
        const answer = await fetch(`${pharos.url}/api/v1/metadata?metric=sent_number`);
        expect(await answer.json()).toMatchObject({
          data: { sent_number: [{ type: 'counter', help: 'Rises with every scrape.' }] },
        });
      },
      { timeout: 30_000, interval: 250 },
    );
  });

  it('a series that its sender saw end is stale at once (RW-6)', async () => {
    await target.close();
    // vmagent marks the series of a target that does not answer.
    await vi.waitFor(async () => expect(await ask(pharos.url, 'sent_number{job="vmagent"}')).toEqual([]), {
      timeout: 30_000,
      interval: 250,
    });
    const last = await ask(pharos.url, 'last_over_time(sent_number{job="vmagent", series="s0"}[1m])');
    expect(Number(last[0]?.value[1])).toBeGreaterThanOrEqual(3);
  });
});
