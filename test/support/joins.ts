import type { Browser, Page, Response } from 'playwright-core';
import { vi } from 'vitest';
import { PAGE_DEFAULTS } from './browser.ts';

/** A request that failed in the shop, as the list of traces tells of it. */
interface FailedRequest {
  readonly traceId: string;
  readonly operation: string;
  /** All that it went through. */
  readonly services: readonly string[];
}

const JOINS = ['trace', 'logs', 'metric'] as const;
type Join = (typeof JOINS)[number];
/** Where a reader sees the request and presses. */
const STARTS = ['row of traces', 'page of the request', 'log line'] as const;
type Start = (typeof STARTS)[number];

interface Reached {
  readonly start: Start;
  readonly join: Join;
  readonly request: FailedRequest;
  /** From the press until it stood in the page. */
  readonly ms: number;
  /** What the server answered meanwhile, where that took too long. */
  readonly answers: readonly string[];
}

/** Issue 4: one click each, and no longer than this. */
export const WITHIN_MS = 500;
const SHOWN_CHARACTERS = 3000;

interface Found {
  readonly traces: readonly {
    readonly trace_id: string;
    readonly root_service: string;
    readonly root_operation: string;
    readonly start_ns: string;
    readonly services: readonly { readonly service: string }[];
  }[];
}

/** Failed requests of a stretch of time that is over, so that a list of them stands still. */
export interface Failures {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Spans and lines come within seconds, the metrics of spans every 15 s, and a rate takes two of them. */
const ARRIVED_MS = 35_000;

async function read<T>(url: string): Promise<T> {
  const answer = await fetch(url);
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** Waits until so many requests have failed since `from`, with all that belongs to them in its place. */
export function failuresSince(url: string, from: number, count: number): Promise<Failures> {
  return vi.waitFor(
    async () => {
      const to = Date.now() - ARRIVED_MS;
      const query = `service=gateway&error=true&limit=${count * 4}&start=${from}&end=${Math.max(to, from + 1)}`;
      const { traces } = await read<Found>(`${url}/api/v1/traces?${query}`);
      let failed = 0;
      for (const { trace_id: traceId } of traces)
        if (failed < count && (await hasFailed(url, traceId))) failed++;
      if (failed < count) throw new Error(`${failed} of ${count} requests failed yet`);
      return { from, to, count };
    },
    { timeout: 600_000, interval: 1000 },
  );
}

const PATIENCE_MS = 100_000;

/** In the page: when it was last pressed. */
const RECORD_PRESSES = `addEventListener('click', () => { window.pressedAt = performance.now(); }, { capture: true });`;

const quoted = (value: unknown): string => JSON.stringify(value);

/** What the page must show, as a condition that runs in it. */
function isThere(join: Join, { traceId, services }: FailedRequest): string {
  const address = `decodeURIComponent(location.href).includes(${quoted(traceId)})`;
  switch (join) {
    case 'trace':
      return `location.pathname === ${quoted(`/traces/${traceId}`)} && document.querySelector('[role=tree] [role=treeitem]') !== null`;
    case 'logs': {
      const list = `document.querySelectorAll('[aria-label="Log lines, the newest first"] [role=listitem]')`;
      const wrote = `new Set([...${list}].map((line) => line.querySelector('a')?.textContent))`;
      return `location.pathname === '/logs' && ${address} && ((wrote) => ${quoted(services)}.every((name) => wrote.has(name)))(${wrote})`;
    }
    case 'metric': {
      // Series B is what failed.
      const drawn = `[...document.querySelectorAll('[role=img]')].some((graph) => /^Graph, last values: .*\\bB /.test(graph.ariaLabel ?? '') && graph.querySelector('canvas') !== null)`;
      return `location.pathname === '/explore' && document.querySelector('main a[href*=${quoted(`/traces/${traceId}`)}]') !== null && ${drawn}`;
    }
  }
}

/** Presses a link and says how long it took until what it leads to stood there, by the page's own clock. */
async function press(
  page: Page,
  link: ReturnType<Page['locator']>,
  join: Join,
  request: FailedRequest,
): Promise<Pick<Reached, 'ms' | 'answers'>> {
  const answers: Promise<string>[] = [];
  const hear = (answer: Response): void => {
    // A stream of events has no end to wait for.
    const isStream = answer.headers()['content-type']?.startsWith('text/event-stream') === true;
    if (answer.url().includes('/api/') && !isStream) answers.push(toldOf(answer));
  };
  page.on('response', hear);
  await link.click();
  // At every frame, in the page itself: asking it from outside would add to the time. (No function: the page's policy allows no `eval`.)
  const seen = `new Promise((resolve, reject) => {
    const look = () => {
      const ms = performance.now() - window.pressedAt;
      if (${isThere(join, request)}) resolve(ms);
      else if (ms > ${PATIENCE_MS}) reject(new Error('not within ${PATIENCE_MS} ms'));
      else requestAnimationFrame(look);
    };
    look();
  })`;
  const ms = await page.evaluate<number>(seen).catch(async (cause: unknown) => {
    const shown = (await page.locator('main').innerText()).slice(0, 2000);
    throw new Error(`${request.traceId} did not reach its ${join} at ${page.url()}: ${shown}`, { cause });
  });
  page.off('response', hear);
  return { ms, answers: ms > WITHIN_MS ? await Promise.all(answers) : [] };
}

async function toldOf(answer: Response): Promise<string> {
  const body = await answer.text().catch((error: unknown) => `no body: ${String(error)}`);
  return `${new Date().toISOString()} ${answer.status()} ${decodeURIComponent(answer.url())}\n${body.slice(0, SHOWN_CHARACTERS)}`;
}

const LINK_NAMES: Readonly<Record<Exclude<Join, 'trace'>, string>> = {
  logs: 'Its logs',
  metric: 'Its metrics',
};

/** The failed requests that the list of traces shows, in its order. */
async function openTraces(page: Page, url: string, { from, to }: Failures): Promise<FailedRequest[]> {
  const answered = page.waitForResponse((answer) => answer.url().includes('/api/v1/traces?'));
  await page.goto(`${url}/traces?service=gateway&error=true&from=${from}&to=${to}`);
  const { traces } = (await (await answered).json()) as Found;
  return traces.map((trace) => ({
    traceId: trace.trace_id,
    operation: trace.root_operation,
    services: trace.services.map(({ service }) => service),
  }));
}

/** Whether the request itself failed: a call within it may have been tried again with success. */
async function hasFailed(url: string, traceId: string): Promise<boolean> {
  const { rows } = await read<{ rows: { failed: readonly number[] } }>(
    `${url}/api/v1/traces/${traceId}?limit=1`,
  );
  return rows.failed[0] === 1;
}

function drawn<T>(all: readonly T[], count: number): T[] {
  return all
    .map((one) => ({ one, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, count)
    .map(({ one }) => one);
}

/** Brings a row of the list into sight, as a reader who scrolls does. */
async function rowOf(page: Page, all: readonly FailedRequest[], request: FailedRequest) {
  const list = page.getByRole('region', { name: 'Traces found' });
  const row = list
    .getByRole('listitem')
    .filter({ has: page.locator(`a[href*="/traces/${request.traceId}"]`) });
  await list.waitFor();
  const share = all.indexOf(request) / all.length;
  const scroll = `(() => {
    const list = document.querySelector('[aria-label="Traces found"]');
    list.scrollTop = list.scrollHeight * ${share} - list.clientHeight / 2;
  })()`;
  // Again while it does not stand: a list that comes back is put where it stood when the reader left it.
  await vi
    .waitFor(
      async () => {
        await page.evaluate(scroll);
        await row.waitFor({ timeout: 1000 });
      },
      { timeout: 30_000, interval: 50 },
    )
    .catch(async (cause: unknown) => {
      const place = `${all.indexOf(request) + 1} of ${all.length}`;
      const shown = (await page.locator('main').innerText()).slice(0, SHOWN_CHARACTERS);
      throw new Error(`${request.traceId}, ${place}, is not in the list at ${page.url()}: ${shown}`, {
        cause,
      });
    });
  return row;
}

/** Goes from one request to each thing that belongs to it and back, by one press each. */
async function follow(
  page: Page,
  start: Start,
  request: FailedRequest,
  seen: () => Promise<ReturnType<Page['locator']>>,
): Promise<Reached[]> {
  const reached: Reached[] = [];
  for (const join of JOINS) {
    const row = await seen();
    const link =
      join !== 'trace'
        ? row.getByRole('link', { name: LINK_NAMES[join] })
        : start === 'log line'
          ? row.getByRole('link', { name: 'Its trace' })
          : row.locator(`a[href*="/traces/${request.traceId}"]`);
    reached.push({ start, join, request, ...(await press(page, link.first(), join, request)) });
    await page.goBack();
  }
  return reached;
}

async function requestIdOf(url: string, { traceId }: FailedRequest): Promise<string> {
  const { logs } = await read<{ logs: readonly { request_id: string }[] }>(
    `${url}/api/logs?window=1h&trace_id=${traceId}`,
  );
  const id = logs.find(({ request_id: own }) => own !== '')?.request_id;
  if (id === undefined) throw new Error(`no line of trace ${traceId} names its request`);
  return id;
}

/**
 * Follows failed requests drawn at random in one page, as a reader would, one after the other: every one from the list of traces, and
 * so many of them also from the page of the request and from a line that was logged for it.
 */
export async function followJoins(
  browser: Browser,
  url: string,
  failures: Failures,
  counts: { readonly traces: number; readonly others: number },
): Promise<readonly Reached[]> {
  const page = await browser.newPage({ ...PAGE_DEFAULTS, viewport: { width: 1440, height: 900 } });
  try {
    // What ends is the test: a machine with ten other things to do is no fault of the page.
    page.setDefaultTimeout(PATIENCE_MS);
    await page.addInitScript(RECORD_PRESSES);
    const all = await openTraces(page, url, failures);
    const chosen: FailedRequest[] = [];
    for (const request of drawn(all, all.length)) {
      if (chosen.length === counts.traces) break;
      if (await hasFailed(url, request.traceId)) chosen.push(request);
    }
    const reached: Reached[] = [];
    for (const request of chosen)
      reached.push(...(await follow(page, 'row of traces', request, () => rowOf(page, all, request))));
    for (const request of drawn(chosen, counts.others)) {
      const id = await requestIdOf(url, request);
      await page.goto(`${url}/requests/${encodeURIComponent(id)}`);
      reached.push(
        ...(await follow(page, 'page of the request', request, async () =>
          page.getByRole('listitem').filter({ has: page.locator(`a[href*="/traces/${request.traceId}"]`) }),
        )),
      );
      const lines = encodeURIComponent(`{service_name="gateway"} | request_id=${quoted(id)}`);
      await page.goto(`${url}/logs?q=${lines}`);
      reached.push(
        ...(await follow(page, 'log line', request, async () => {
          const list = page.getByRole('region', { name: 'Log lines, the newest first' });
          const line = list.getByRole('listitem').first();
          // The pointer may still be where the line comes to stand: it has to come there anew.
          await page.mouse.move(0, 0);
          await line.hover();
          return line;
        })),
      );
    }
    return reached;
  } finally {
    await page.close();
  }
}

/** The median and the worst of each way, in ms. */
export function figuresOf(reached: readonly Reached[]) {
  return STARTS.flatMap((start) => JOINS.map((join) => ({ start, join }))).flatMap(({ start, join }) => {
    const times = reached
      .filter((one) => one.start === start && one.join === join)
      .map(({ ms }) => ms)
      .toSorted((a, b) => a - b);
    const [median, worst] = [times[Math.floor(times.length / 2)], times.at(-1)];
    return median === undefined || worst === undefined
      ? []
      : [{ start, join, count: times.length, median: Math.round(median), worst: Math.round(worst) }];
  });
}
