import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type PharosAlertmanager, startTestAlertmanager } from '../support/alertmanager.ts';
import { alertmanagerPeer, freePort, type RunningPeer, startPeer } from '../support/peers.ts';
import { type AlertmanagerCase, CASES, type Step } from './differential/alertmanager-cases.ts';

const alertmanager = await alertmanagerPeer();
if (alertmanager.path === null) console.log(`skipped: ${alertmanager.reason}`);

/** After the last step: whatever follows from it has come by then. */
const QUIET_MS = 4200;
/** Starts side by side in one second would be one storm. */
const BETWEEN_CASES_MS = 90;

const bodyShape = z.looseObject({
  groupKey: z.string(),
  externalURL: z.string(),
  alerts: z.array(z.looseObject({ startsAt: z.string() })),
});

interface Told {
  readonly at: number;
  /** Case, side and hook, as in the address. */
  readonly path: string;
  readonly body: z.output<typeof bodyShape>;
}

const told: Told[] = [];
/** Ms between the two sides, of each notification: printed, since a busy machine makes any of it. */
const apart: number[] = [];
const stops: (() => Promise<void>)[] = [];
let hook: Server;
let hookUrl = '';
let folder = '';

describe.skipIf(alertmanager.path === null)('the same alerts to Alertmanager and to Pharos', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pharos-alertmanager-'));
    hook = createServer((request, response) => {
      const at = Date.now();
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = bodyShape.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        told.push({ at, path: request.url ?? '', body });
        response.end();
      });
    });
    await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
    hookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}`;
    const runs = await Promise.all(CASES.map((one, index) => startBoth(one, index)));
    await Promise.all(
      runs.map(async (sides, index) => {
        await pause(index * BETWEEN_CASES_MS);
        await play(CASES[index].steps, sides);
      }),
    );
    await pause(QUIET_MS);
  }, 120_000);

  afterAll(async () => {
    apart.sort((a, b) => a - b);
    const late = apart.filter((ms) => ms > 1000).length;
    console.log(
      `${apart.length} notifications, apart by ${apart[apart.length >> 1]} ms (median), ${apart.at(-1)} ms (worst), ${late} by more than 1 s`,
    );
    await Promise.all(stops.map((stop) => stop()));
    hook.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(CASES.map((one, index) => ({ ...one, index })))('$name', ({ index, atLeast }) => {
    const theirs = of(`/${index}/theirs`);
    const ours = of(`/${index}/ours`);
    expect(told.filter(({ path }) => path.startsWith(`/${index}/theirs`)).length).toBeGreaterThanOrEqual(
      atLeast,
    );
    expect(ours.map(({ what }) => what)).toEqual(theirs.map(({ what }) => what));
    for (const [i, { at }] of ours.entries()) apart.push(Math.abs(at - theirs[i].at));
  });
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What one side told, hook by hook and group by group, each in order. */
function of(prefix: string): readonly { readonly at: number; readonly what: unknown }[] {
  const place = ({ path, body }: Told): string => `${path.slice(prefix.length)} ${body.groupKey}`;
  return told
    .filter(({ path }) => path.startsWith(`${prefix}/`))
    .sort((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : a.at - b.at))
    .map((one) => ({
      at: one.at,
      what: { hook: one.path.slice(prefix.length), ...one.body, externalURL: '' },
    }));
}

interface Side {
  readonly url: string;
}

async function startBoth(one: AlertmanagerCase, index: number): Promise<readonly [Side, Side]> {
  const config = (side: string): string => one.config.replaceAll('HOOK', `${hookUrl}/${index}/${side}`);
  const file = join(folder, `${index}.yml`);
  await writeFile(file, config('theirs'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const peer: RunningPeer = await startPeer(
    alertmanager.path ?? '',
    [
      `--config.file=${file}`,
      `--storage.path=${join(folder, String(index))}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      '--log.level=error',
    ],
    `${url}/-/ready`,
    alertmanager.cwd,
  );
  const ours: PharosAlertmanager = await startTestAlertmanager(config('ours'));
  stops.push(
    () => peer.stop(),
    () => ours.stop(),
  );
  return [{ url }, ours];
}

async function play(steps: readonly Step[], sides: readonly Side[]): Promise<void> {
  const start = Date.now();
  for (const step of steps) {
    await pause(start + step.at - Date.now());
    await Promise.all(sends(step).map((send) => Promise.all(sides.map(send))));
  }
}

/** The same bytes for both, with times of now. */
function sends(step: Step): readonly ((side: Side) => Promise<void>)[] {
  const now = Date.now();
  const time = (ms: number): string => new Date(ms).toISOString();
  const all: ((side: Side) => Promise<void>)[] = [];
  if (step.alerts !== undefined) {
    const body = step.alerts.map(({ labels, annotations, startedAgo = 0, hasEnded }) => ({
      labels,
      annotations,
      startsAt: time(now - startedAgo),
      ...(hasEnded === true && { endsAt: time(now) }),
      generatorURL: 'http://example.org/graph',
    }));
    all.push((side) => post(`${side.url}/api/v2/alerts`, body));
  }
  if (step.silence !== undefined) {
    const { matchers, forMs } = step.silence;
    const body = {
      matchers,
      startsAt: time(now),
      endsAt: time(now + forMs),
      createdBy: 'test',
      comment: 'c',
    };
    all.push((side) => post(`${side.url}/api/v2/silences`, body));
  }
  if (step.expireSilences === true) all.push(expireAll);
  return all;
}

async function post(url: string, body: unknown): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
}

const silenceIds = z.array(z.looseObject({ id: z.string() }));

async function expireAll({ url }: Side): Promise<void> {
  const ids = silenceIds.parse(await (await fetch(`${url}/api/v2/silences`)).json());
  for (const { id } of ids) await fetch(`${url}/api/v2/silence/${id}`, { method: 'DELETE' });
}
