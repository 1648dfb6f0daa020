import { loadavg } from 'node:os';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { healthOf } from '../support/client.ts';
import { type RunningDemo, startDemo } from '../support/demo.ts';

/** Issue 6: from the fault to the page that names the service. */
const PAGED_WITHIN_MS = 60_000;
/** A fault lasts so long after its page, so that a second one would come. */
const AFTER_PAGE_MS = Number(process.env['SOAK_AFTER_PAGE'] ?? 45) * 1000;
/** Until breakers closed, windows moved on, and what comes and goes was called well. */
const WELL_WITHIN_MS = 300_000;
/** The past that "usual" is learned from. */
const WARM_UP_MS = 150_000;
/** Of steady traffic. */
const STEADY_SECONDS = Number(process.env['SOAK_SECONDS'] ?? 3600);

type Fault = readonly [kind: string, service: string];

const FAULTS: readonly Fault[] = [
  ['dead_service', 'user'],
  ['error_spike', 'order'],
  ['added_latency', 'catalog'],
  ['timeouts', 'catalog'],
  ['slow_database', 'user'],
  ['cpu_burn', 'catalog'],
  ['memory_leak', 'order'],
  ['auth_failure_storm', 'auth'],
  ['bad_input', 'order'],
  ['stock_exhaustion', 'catalog'],
];

/** In the first four neither service calls the other; in the rest one does, also over others. */
const PAIRS: readonly (readonly [Fault, Fault])[] = [
  [
    ['memory_leak', 'auth'],
    ['added_latency', 'order'],
  ],
  [
    ['auth_failure_storm', 'auth'],
    ['memory_leak', 'order'],
  ],
  [
    ['dead_service', 'auth'],
    ['dead_service', 'order'],
  ],
  [
    ['bad_input', 'auth'],
    ['error_spike', 'order'],
  ],
  [
    ['dead_service', 'catalog'],
    ['dead_service', 'auth'],
  ],
  [
    ['auth_failure_storm', 'auth'],
    ['error_spike', 'gateway'],
  ],
  [
    ['slow_database', 'user'],
    ['memory_leak', 'gateway'],
  ],
  [
    ['stock_exhaustion', 'catalog'],
    ['cpu_burn', 'auth'],
  ],
  [
    ['timeouts', 'catalog'],
    ['memory_leak', 'user'],
  ],
  [
    ['added_latency', 'catalog'],
    ['error_spike', 'order'],
  ],
  [
    ['error_spike', 'user'],
    ['dead_service', 'order'],
  ],
  [
    ['memory_leak', 'catalog'],
    ['error_spike', 'order'],
  ],
];

/** `SOAK_FAULTS=cpu_burn,timeouts` runs only these, `SOAK_PAIRS=1,5` only those; `none` runs none of them. */
const wanted = (variable: string): readonly string[] | undefined => process.env[variable]?.split(',');
const FAULTS_RUN = FAULTS.filter(([kind]) => wanted('SOAK_FAULTS')?.includes(kind) ?? true);
const PAIRS_RUN = PAIRS.filter((_, i) => wanted('SOAK_PAIRS')?.includes(String(i + 1)) ?? true);

interface TakenPage {
  readonly at: string;
  readonly status: string;
  readonly service: string;
  readonly dependants: string;
}

/** The shop under traffic with its own rules and policy, as `npm start` brings it, by the pages that whoever is on call gets. */
describe('pages of the shop', () => {
  let demo: RunningDemo;
  const figures: string[] = [];

  beforeAll(async () => {
    demo = await startDemo();
    const began = Date.now();
    await vi.waitUntil(() => Date.now() - began > WARM_UP_MS, { timeout: WARM_UP_MS * 2, interval: 1000 });
    await wellAgain();
  }, WARM_UP_MS * 3);
  afterAll(async () => {
    console.log(figures.join('\n'));
    await demo.stop();
  });

  async function firing(): Promise<readonly TakenPage[]> {
    const answer = await fetch(`http://127.0.0.1:${demo.ports['CONTROLLER_PORT']}/pages`);
    const { pages } = (await answer.json()) as { pages: readonly TakenPage[] };
    return pages.filter(({ status }) => status === 'firing');
  }
  async function begin([kind, service]: Fault): Promise<void> {
    const answer = await fetch(`${demo.url}/api/controller/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind, service }),
    });
    expect(answer.status, await answer.text()).toBe(201);
  }
  async function endAll(): Promise<void> {
    await fetch(`${demo.url}/api/controller/faults`, { method: 'DELETE' });
  }
  async function said(): Promise<readonly string[]> {
    const { services } = await healthOf(demo.url);
    return services.flatMap(({ name, status, caused_by, reasons }) =>
      status === 'healthy'
        ? []
        : [`${name} ${status} by [${caused_by.join()}]: ${reasons.map((one) => one.message).join('; ')}`],
    );
  }
  /** Whom the shop's rule holds to be unwell: not those that only wait for a machine that is full. */
  async function unwell(): Promise<readonly string[]> {
    const query =
      'max by (service) (pharos_service_health) > 0 unless on (service) max by (service) (pharos_service_waits_for_machine) == 1';
    const answer = await fetch(`${demo.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    const { data } = (await answer.json()) as {
      data: { result: readonly { metric: { service: string } }[] };
    };
    return data.result.map(({ metric }) => metric.service);
  }
  /** Nothing is wrong, and nothing fires or is about to. */
  async function wellAgain(meanwhile: () => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    const filter = encodeURIComponent('alertname="ServiceUnwell"');
    let wrong: readonly string[] = [];
    await vi
      .waitUntil(
        async () => {
          await meanwhile();
          const answer = await fetch(`${demo.url}/api/v1/alerting/alerts?filter=${filter}`);
          const { alerts } = (await answer.json()) as { alerts: readonly { labels: { service: string } }[] };
          const isWrong = alerts.length > 0 || (await unwell()).length > 0;
          wrong = isWrong
            ? [...(await said()), ...alerts.map(({ labels }) => `${labels.service} fires`)]
            : [];
          return !isWrong;
        },
        { timeout: WELL_WITHIN_MS, interval: 1000 },
      )
      .catch((cause: unknown) => {
        throw new Error(`not well again:\n  ${wrong.join('\n  ')}`, { cause });
      });
  }
  /** Pages from now on; `look` answers how many came, and takes down what health said when each did. */
  async function pagesFromNow() {
    const before = (await firing()).length;
    const notes: string[] = [];
    let known = 0;
    const all = async (): Promise<readonly TakenPage[]> => (await firing()).slice(before);
    const look = async (): Promise<number> => {
      const fresh = (await all()).slice(known);
      known += fresh.length;
      if (fresh.length > 0) {
        const names = fresh.map(({ service }) => service).join(', ');
        const load = loadavg()[0]?.toFixed(1) ?? '';
        notes.push(`    as ${names} paged, load ${load}:`, ...(await said()).map((line) => `      ${line}`));
      }
      return known;
    };
    return { all, look, notes };
  }
  function shown(pages: readonly TakenPage[], began: number): string {
    return pages
      .map(({ at, service, dependants }) => {
        const seconds = ((Date.parse(at) - began) / 1000).toFixed(1);
        return `${service} after ${seconds} s${dependants === '' ? '' : ` (with ${dependants})`}`;
      })
      .join(', ');
  }
  /** Lets faults begin, and end some time after as many pages as there are of them; all pages until all is well again. */
  async function pagesOf(
    faults: readonly Fault[],
  ): Promise<readonly (TakenPage & { readonly ms: number })[]> {
    await wellAgain();
    const since = await pagesFromNow();
    const began = Date.now();
    try {
      for (const fault of faults) await begin(fault);
      await vi
        .waitUntil(async () => (await since.look()) >= faults.length, { timeout: 90_000, interval: 500 })
        .catch(() => undefined);
      const last = Date.now();
      const isOver = async (): Promise<boolean> => {
        await since.look();
        return Date.now() - last > AFTER_PAGE_MS;
      };
      await vi.waitUntil(isOver, { timeout: AFTER_PAGE_MS * 2 + 5000, interval: 500 });
    } finally {
      await endAll();
    }
    await wellAgain(since.look);
    const pages = await since.all();
    const names = faults.map(([kind, service]) => `${kind} of ${service}`).join(' and ');
    const lines = [`${names}: ${pages.length} pages: ${shown(pages, began)}`, ...since.notes];
    figures.push(...lines);
    console.log(lines.join('\n'));
    return pages.map((page) => ({ ...page, ms: Date.parse(page.at) - began }));
  }

  it.each(FAULTS_RUN)('%s of %s: one page that names it', { timeout: 900_000 }, async (...fault) => {
    const pages = await pagesOf([fault]);
    expect(pages.map(({ service }) => service)).toEqual([fault[1]]);
    expect(pages[0]?.ms).toBeLessThan(PAGED_WITHIN_MS);
  });

  it.each(PAIRS_RUN)('%j and %j: one page for each', { timeout: 900_000 }, async (...pair) => {
    const pages = await pagesOf(pair);
    expect(pages.map(({ service }) => service).sort()).toEqual(pair.map(([, service]) => service).sort());
  });

  it.runIf(STEADY_SECONDS > 0)(
    `steady traffic for ${STEADY_SECONDS} s: no page`,
    { timeout: STEADY_SECONDS * 1000 + 900_000 },
    async () => {
      await wellAgain();
      const since = await pagesFromNow();
      const began = Date.now();
      const isOver = async (): Promise<boolean> => {
        await since.look();
        return Date.now() - began > STEADY_SECONDS * 1000;
      };
      await vi.waitUntil(isOver, { timeout: STEADY_SECONDS * 2000, interval: 1000 });
      const pages = await since.all();
      const line = `steady for ${STEADY_SECONDS} s: ${pages.length} pages: ${shown(pages, began)}`;
      figures.push(line, ...since.notes);
      expect(pages).toEqual([]);
    },
  );
});
