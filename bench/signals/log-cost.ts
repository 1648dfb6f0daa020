import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pharosSystem } from '../systems/pharos.ts';
import type { Verdict } from '../targets-met.ts';
import { type DiskUse, diskUse, printDisk } from './disk.ts';
import { costs, type IngestFigures, ingest, prepare, printIngest } from './ingest.ts';
import { type LinePlan, lineAt } from './lines.ts';
import { printMemory } from './memory.ts';
import { SERVICES } from './shop.ts';
import { type TimedFigure, type TimedQuery, timeQueries } from './timed-queries.ts';

const WINDOW_MS = 2 * 3_600_000;

export interface LogCost {
  readonly ingest: IngestFigures;
  readonly disk: DiskUse;
  readonly queries: readonly TimedFigure[];
}

/** The goals are of this many lines; fewer are for a quick look. */
const FULL = 5_000_000;

/** What lines of a shop cost to take, to keep and to find. */
export async function logCost(lines: number, turns: number, verdicts: Verdict[]): Promise<LogCost> {
  const directory = await mkdtemp(join(tmpdir(), 'pharos-bench-'));
  try {
    const start = Math.floor((Date.now() - WINDOW_MS) / 60_000) * 60_000;
    const plan: LinePlan = { lines, start, windowMs: WINDOW_MS };
    console.log(
      `\nlogs: ${lines.toLocaleString('en-US')} lines of ${SERVICES.length} services over 2 hours, by Loki's push API`,
    );
    const prepared = await prepare(directory, { kind: 'lines', plan, count: lines });
    const running = await pharosSystem.start(directory, '');
    let stopped = false;
    try {
      const figures = await ingest(running, '/loki/api/v1/push', 'application/x-protobuf', prepared);
      printIngest('line', prepared, figures);
      const queries = await timeQueries(running, warmUp(plan), queriesOf(plan, turns), verdicts);
      printMemory(await costs(running));
      await running.stop();
      stopped = true;
      const disk = await diskUse(directory, [
        'logs',
        'log_signatures',
        'log_grams',
        'log_streams',
        'log_patterns',
      ]);
      printDisk(disk, prepared.rawBytes, prepared.rows);
      if (lines >= FULL)
        verdicts.push({
          goal: 'lines/s that take a second',
          most: 1,
          measured: 100_000 / figures.rowsPerSecond,
        });
      verdicts.push({ goal: 'disk of logs, of raw', most: 0.35, measured: disk.bytes / prepared.rawBytes });
      return { ingest: figures, disk, queries };
    } finally {
      if (!stopped) await running.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

const ALL = '{service_name=~".+"}';

interface Window {
  readonly startNs: string;
  readonly endNs: string;
}

function windowOf({ start, windowMs }: LinePlan): Window {
  return { startNs: `${start}000000`, endNs: `${start + windowMs + 1000}000000` };
}

function lokiPath(plan: LinePlan, query: string, more: Readonly<Record<string, string>>): string {
  const { startNs, endNs } = windowOf(plan);
  return `/loki/api/v1/query_range?${new URLSearchParams({ query, start: startNs, end: endNs, ...more }).toString()}`;
}

/** Lines with something that only they hold, spread over all of them. */
function needles(plan: LinePlan, turns: number, from: number): string[] {
  const found: string[] = [];
  for (let turn = 0; turn < turns; turn++) {
    let index = Math.floor((plan.lines * (turn + from)) / turns);
    let { needle } = lineAt(plan, index);
    while (needle === '') ({ needle } = lineAt(plan, ++index % plan.lines));
    found.push(needle);
  }
  return found;
}

/** The longest run of letters and digits. */
const wordOf = (needle: string): string =>
  needle.split(/[^a-z0-9]/).reduce((longest, word) => (word.length > longest.length ? word : longest), '');

/** Of each way to look for a text, before any is measured. */
const WARM_TURNS = 15;

const LIMIT = { limit: '100', direction: 'backward' } as const;

function warmUp(plan: LinePlan): string[] {
  return [
    ...needles(plan, WARM_TURNS, 0.31).flatMap((needle) => [
      lokiPath(plan, `${ALL} |= "${needle}"`, LIMIT),
      `/api/logs?${own(plan, { q: needle, limit: '100' })}`,
    ]),
    ...Array.from({ length: 5 }, (_, i) => lokiPath(plan, `{service_name="${SERVICES[i]?.name}"}`, LIMIT)),
    ...Array.from({ length: 2 }, () => countPath(plan)),
  ];
}

function own(plan: LinePlan, params: Readonly<Record<string, string>>): string {
  const start = new Date(plan.start).toISOString();
  const end = new Date(plan.start + plan.windowMs + 1000).toISOString();
  return new URLSearchParams({ start, end, ...params }).toString();
}

const countPath = (plan: LinePlan): string =>
  lokiPath(plan, `sum by (detected_level) (count_over_time(${ALL}[1m]))`, { step: '60' });

function queriesOf(plan: LinePlan, turns: number): TimedQuery[] {
  const holds = (texts: readonly string[]) => (body: string, at: number) =>
    body.includes(texts[at] ?? '\0') ? null : `no line with ${texts[at]}`;
  const [words, texts, parts] = [
    needles(plan, turns, 0.1),
    needles(plan, turns, 0.4),
    needles(plan, turns, 0.7),
  ];
  // Without its first and last letter, so that it is nowhere a whole word.
  const inner = parts.map((needle) => wordOf(needle).slice(1, -1));
  const absent = texts.map((needle) => needle.split('').reverse().join(''));
  const services = Array.from({ length: turns }, (_, i) => SERVICES[i % SERVICES.length]?.name ?? '');
  const lastOf = services.map((name) =>
    lokiPath(plan, `{service_name="${name}"}`, { ...LIMIT, limit: '200' }),
  );
  return [
    {
      name: 'words, GET /api/logs',
      paths: words.map((needle) => `/api/logs?${own(plan, { q: needle, limit: '100' })}`),
      check: holds(words),
      goalMs: 30,
    },
    {
      name: 'LogQL |= an id as it stands in the line',
      paths: texts.map((needle) => lokiPath(plan, `${ALL} |= "${needle}"`, LIMIT)),
      check: holds(texts),
      goalMs: 30,
    },
    {
      name: 'LogQL |= a part of a word',
      paths: inner.map((part) => lokiPath(plan, `${ALL} |= "${part}"`, LIMIT)),
      check: holds(inner),
      goalMs: 30,
    },
    {
      name: 'LogQL |= what is in no line',
      paths: absent.map((text) => lokiPath(plan, `${ALL} |= "${text}"`, LIMIT)),
      check: (body) => (body.includes('"result":[]') ? null : 'found something'),
    },
    {
      name: 'LogQL, last 200 lines of a service',
      paths: lastOf,
      check: (body) => (body.split('\\n').length >= 1 && body.length > 10_000 ? null : 'too few lines'),
      goalMs: 15,
    },
    {
      name: 'GET /api/logs, last 200 lines of a service',
      paths: services.map((service) => `/api/logs?${own(plan, { service, limit: '200' })}`),
      check: (body) => (body.includes('"total":200') ? null : 'not 200 lines'),
      goalMs: 15,
    },
    {
      name: 'LogQL, count per minute by level over all',
      paths: Array.from({ length: turns }, () => countPath(plan)),
      check: (body) => counted(body, plan),
      goalMs: 150,
    },
  ];
}

/** Windows overlap nowhere, so that every line counts once, but those before the first window's end. */
function counted(body: string, plan: LinePlan): string | null {
  const answer = JSON.parse(body) as { data: { result: { values: [number, string][] }[] } };
  let sum = 0;
  for (const { values } of answer.data.result) for (const [, value] of values) sum += Number(value);
  return sum === plan.lines ? null : `counted ${sum} of ${plan.lines} lines`;
}
