import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../packages/server/src/kernel/clock.ts';
import { seededRandom } from '../../packages/server/src/kernel/random.ts';
import { killEngine } from '../support/client.ts';
import { type RunningPharos, removeData, startPharosProcess } from '../support/pharos.ts';
import { type Answer, type Told, WebhookReceiver } from '../support/webhook-receiver.ts';

const ROUNDS = Number(process.env['SOAK_KILLS'] ?? 50);
const SEED = Number(process.env['SOAK_SEED'] ?? Date.now() % 1_000_000);
/** Alerts of a round, in groups of five; the last share of the rounds ends them instead. */
const ALERTS = 200;
const GROUP = 5;
const ENDING_SHARE = 0.3;
/** What is acknowledged must be told within this time of health. */
const PATIENCE_MS = 300_000;

/** One of so many groups goes to each of them; all of them go to `all`. */
const RECEIVERS = { all: 1, slow: 8, limited: 16, failing: 4, broken: 8 } as const;
type ReceiverName = keyof typeof RECEIVERS;
const NAMES = Object.keys(RECEIVERS) as ReceiverName[]; // oxlint-disable-line typescript/no-unsafe-type-assertion -- the keys of a constant

interface Sent {
  readonly id: number;
  /** Its group. */
  readonly group: number;
  ended: boolean;
}

const labelsOf = ({ id, group }: Pick<Sent, 'id' | 'group'>): Record<string, string> => ({
  alertname: `Storm${group}`,
  id: String(id),
  ...Object.fromEntries(
    NAMES.filter((name) => group % RECEIVERS[name] === 0).map((name) => [`to_${name}`, 'yes']),
  ),
});

const routing = (url: string): string => `route:
  receiver: nobody
  group_by: [alertname]
  group_wait: 100ms
  group_interval: 1s
  repeat_interval: 24h
  routes:
${NAMES.map((name) => `  - {receiver: ${name}, matchers: ['to_${name}="yes"'], continue: true}`).join('\n')}
receivers:
- {name: nobody}
${NAMES.map((name) => `- {name: ${name}, webhook_configs: [{url: '${url}/${name}'}]}`).join('\n')}
`;

/** How each receiver behaves; what it does not answer with success it does not take. */
function behaviour(random: () => number): Answer {
  let free = 0;
  const refuse = (response: Parameters<Answer>[1], status: number, retryAfter?: number): false => {
    response.statusCode = status;
    if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter));
    response.end('no');
    return false;
  };
  return async ({ path }, response) => {
    const now = Date.now();
    if (path === '/slow') await systemClock.sleep(150 + random() * 150);
    if (path === '/limited') {
      if (now < free) return refuse(response, 429, 1);
      free = now + 20;
    }
    if (path === '/failing' && random() < 0.3) return refuse(response, 503);
    if (path === '/broken' && random() < 0.3) {
      // Gone in the middle of an answer: nobody took it, and Pharos cannot know that.
      response.writeHead(200, { 'content-length': '100' });
      response.write('{');
      response.destroy();
      return false;
    }
    response.end();
    return true;
  };
}

/** The storm: what was sent, what of that was acknowledged, and what the receivers took. */
class Storm {
  readonly acknowledged: Sent[] = [];
  readonly receiver: WebhookReceiver;
  readonly #random: () => number;
  /** Said again until somebody acknowledges it, as a sender does. */
  #open: Sent[] = [];
  #made = 0;

  constructor(random: () => number) {
    this.#random = random;
    this.receiver = new WebhookReceiver(behaviour(random));
  }

  /** New alerts to be sent. */
  grow(): void {
    for (let i = 0; i < ALERTS; i++, this.#made++)
      this.#open.push({ id: this.#made, group: Math.floor(this.#made / GROUP), ended: false });
  }

  /** Ends that are to be sent: of the oldest that are not over. */
  shrink(count: number): void {
    for (const alert of this.acknowledged.filter(({ ended }) => !ended).slice(0, count)) {
      alert.ended = true;
      this.#open.push(alert);
    }
  }

  /** Sends what is open in batches, until there is nothing left or the server is gone. */
  async send(url: string): Promise<void> {
    while (this.#open.length > 0) {
      const batch = this.#open.slice(0, 10 + Math.floor(this.#random() * 90));
      const now = Date.now();
      const body = batch.map((alert) => ({
        labels: labelsOf(alert),
        ...(alert.ended && { endsAt: new Date(now).toISOString() }),
        ...(!alert.ended && { endsAt: new Date(now + 86_400_000).toISOString() }),
      }));
      try {
        const answer = await fetch(`${url}/api/v2/alerts`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        if (!answer.ok) throw new Error(`answered ${answer.status}`);
      } catch {
        return;
      }
      this.#open = this.#open.slice(batch.length);
      this.acknowledged.push(...batch.filter(({ ended }) => !ended));
    }
  }

  /** What was acknowledged and the receivers do not know: `receiver id state`. */
  missing(): string[] {
    const known = new Set(
      this.receiver.told.flatMap(({ path, alerts }) =>
        alerts.map(({ labels, status }) => `${path.slice(1)} ${labels['id']} ${status}`),
      ),
    );
    const open = new Set(this.#open);
    return this.acknowledged.flatMap((alert) =>
      NAMES.filter((name) => alert.group % RECEIVERS[name] === 0).flatMap((name) =>
        (alert.ended && !open.has(alert) ? ['firing', 'resolved'] : ['firing'])
          .map((state) => `${name} ${alert.id} ${state}`)
          .filter((one) => !known.has(one)),
      ),
    );
  }

  /** Of each receiver: how often it took the same again, and how often unmarked. */
  repeats(): Map<string, { marked: number; unmarked: number }> {
    const last = new Map<string, string>();
    const ids = new Set<string>();
    const repeats = new Map<string, { marked: number; unmarked: number }>();
    for (const told of this.receiver.told) {
      const group = `${told.path} ${told.groupKey}`;
      const id = `${told.path} ${told.delivery}`;
      const what = contentOf(told);
      if (last.get(group) === what || ids.has(id)) {
        const count = repeats.get(told.path) ?? { marked: 0, unmarked: 0 };
        count[told.mayBeDuplicate ? 'marked' : 'unmarked']++;
        repeats.set(told.path, count);
      }
      last.set(group, what);
      ids.add(id);
    }
    return repeats;
  }
}

function contentOf({ alerts }: Told): string {
  return alerts
    .map(({ labels, status }) => `${labels['id']} ${status}`)
    .sort()
    .join();
}

const listShape = z.array(z.object({ labels: z.record(z.string(), z.string()) }));

/** Ids of the alerts that fire, by the API. */
async function firing(url: string): Promise<Set<string>> {
  const alerts = listShape.parse(await (await fetch(`${url}/api/v2/alerts`)).json());
  return new Set(alerts.map(({ labels }) => labels['id'] ?? ''));
}

async function untilTold(storm: Storm): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (storm.missing().length > 0 && Date.now() < deadline) await systemClock.sleep(200);
}

it(`kills in storms of notifications lose none, over ${ROUNDS} rounds (seed ${SEED})`, async () => {
  const random = seededRandom(SEED);
  const storm = new Storm(random);
  const folder = await mkdtemp(join(tmpdir(), 'pharos-soak-notify-'));
  await storm.receiver.open();
  await writeFile(join(folder, 'am.yml'), routing(storm.receiver.url));
  const options = {
    config: `alertmanager: {config_file: '${folder}/am.yml'}\nself_metrics: {enabled: false}\nhost_metrics: {enabled: false}\nlog: {level: warn}\n`,
  };
  let pharos: RunningPharos = await startPharosProcess(options);
  const lost: string[] = [];
  const endings = Math.round(ROUNDS * ENDING_SHARE);
  for (let round = 0; round < ROUNDS; round++) {
    if (round < ROUNDS - endings) storm.grow();
    else {
      // An end is told only of what was told to fire.
      if (round === ROUNDS - endings) await untilTold(storm);
      storm.shrink(Math.ceil(storm.acknowledged.length / Math.max(1, endings)));
    }
    const sending = storm.send(pharos.url);
    await systemClock.sleep(50 + random() * 1500);
    await pharos.stop('SIGKILL');
    await sending;
    pharos = await startPharosProcess({ ...options, directory: pharos.directory });
    // The list is complete at once, also without the engine.
    if (random() < 0.5) await killEngine(pharos);
    const listed = await firing(pharos.url);
    const gone = storm.acknowledged.filter(({ id, ended }) => !ended && !listed.has(String(id)));
    lost.push(...gone.map(({ id }) => `round ${round}: alert ${id} is not listed`));
    await storm.send(pharos.url);
  }
  await untilTold(storm);
  lost.push(...storm.missing());
  const repeats = storm.repeats();
  const told = (name: string): number => storm.receiver.told.filter(({ path }) => path === `/${name}`).length;
  console.log(
    `notify-kills ${ROUNDS}: ${storm.acknowledged.length} alerts, ${storm.receiver.told.length} notifications (${NAMES.map((name) => `${name} ${told(name)}`).join(', ')}); ${lost.length} lost; repeats ${JSON.stringify(Object.fromEntries(repeats))}`,
  );
  const code = await pharos.stop('SIGTERM');
  await storm.receiver.close();
  await removeData(pharos);
  await rm(folder, { recursive: true, force: true });
  expect(code).toBe(0);
  expect(lost.slice(0, 20)).toEqual([]);
  for (const { marked, unmarked } of repeats.values()) {
    expect(unmarked).toBe(0);
    expect(marked).toBeLessThanOrEqual(ROUNDS);
  }
});
