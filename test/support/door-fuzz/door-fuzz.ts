import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { z } from 'zod';
import { type Random, seededRandom } from '../../../packages/server/src/kernel/random.ts';
import { bodyText, hostileText, pick, spoiled, valueOf } from './bad-values.ts';
import { type Door, type Parameter, readDoors } from './doors.ts';
import {
  error,
  eventIdOf,
  fieldOf,
  HELD,
  type Made,
  probe,
  READS,
  VALID,
  type ValidRequest,
} from './valid.ts';

/** A file beside this one, as YAML. */
const beside = (name: string): string => JSON.stringify(fileURLToPath(new URL(name, import.meta.url)));

/** Nothing that a bad body names is asked: all addresses are refused. */
export const FUZZ_CONFIG = `
egress: { deny: ['0.0.0.0/0', '::/0'] }
storage: { flush_interval: 1s }
errors: { rate_limit: 100000000, max_groups: 200 }
host_metrics: { enabled: false }
alertmanager: { config_file: ${beside('alertmanager.yml')} }
on_call: { config_file: ${beside('on-call.yml')} }
slos: [ { name: slo, objective: 99, ratio: { bad: 'rate(bad[$window])', total: 'rate(all[$window])' } } ]
`;

/** Bad requests under way at the same time: many of them wait for a door that holds its answer. */
const AT_ONCE = 16;
/** Bad requests between two rounds of valid ones. */
const ROUND = 500;
const HEAD_WITHIN_MS = 150;
const ANSWER_WITHIN_MS = 60_000;
const POOL = 60;
const CONFLICT = 409;

interface Answer {
  readonly status: number;
  readonly json: unknown;
  readonly text: string;
}

interface Request {
  readonly door: Door;
  readonly url: string;
  readonly body: string | undefined;
  readonly type: string | undefined;
}

/** What a run has found. */
export interface DoorFuzz {
  readonly requests: number;
  readonly bodies: number;
  /** Answers that say that the server failed, and connections that it did not answer at all. */
  readonly faults: readonly string[];
  /** Doors that took no request at all. */
  readonly unreached: readonly string[];
  /** Holds what was to last against what is there now. */
  readonly check: () => Promise<void>;
}

/**
 * Sends requests that are wrong in every way to every door, and valid ones after so many of them (`round`), which must all be
 * taken and kept.
 */
export async function fuzzDoors(
  url: () => string,
  {
    requests,
    seed,
    round = ROUND,
    atOnce = AT_ONCE,
    progress,
  }: {
    readonly requests: number;
    readonly seed: number;
    readonly round?: number;
    readonly atOnce?: number;
    /** Told after each round what was sent so far, and which doors took longest. */
    readonly progress?: (line: string) => void;
  },
): Promise<DoorFuzz> {
  const run = new Run(url, await readDoors(url()), seededRandom(seed));
  await run.prepare();
  for (let sent = 0; sent < requests; sent += round) {
    await run.validRound(sent / round);
    await run.badRound(Math.min(round, requests - sent), atOnce);
    progress?.(
      `${run.requests} requests, ${run.bodies} bodies, ${run.faults.length} faults; longest: ${run.slowest()}`,
    );
  }
  await run.checkLasting();
  return {
    requests: run.requests,
    bodies: run.bodies,
    faults: run.faults,
    unreached: run.unreached(),
    check: () => run.checkLasting(),
  };
}

/** What doors that only read must be asked for. */
const QUERIES: Readonly<Record<string, string>> = {
  '/probe': 'target=192.0.2.1:1&module=tcp_connect',
  '/api/health/history': 'service=prepared',
};

class Run {
  readonly #url: () => string;
  readonly #doors: readonly Door[];
  readonly #random: Random;
  readonly #made: Made = new Map();
  readonly #lasting = new Map<string, object>();
  /** Ids and names that valid requests made: no bad one may name them. */
  readonly #own = new Set<string>();
  readonly #pools = new Map<string, string[]>();
  readonly #reached = new Set<string>();
  /** Milliseconds of all requests to a door. */
  readonly #waited = new Map<string, number>();
  readonly faults: string[] = [];
  requests = 0;
  bodies = 0;

  constructor(url: () => string, doors: readonly Door[], random: Random) {
    this.#url = url;
    this.#doors = doors;
    this.#random = random;
  }

  unreached(): string[] {
    return this.#doors.map(({ name }) => name).filter((name) => !this.#reached.has(name));
  }

  /** What valid requests need to be there. */
  async prepare(): Promise<void> {
    const label = 'prepared';
    const post = async (path: string, body: object, method = 'POST'): Promise<unknown> => {
      const answer = await this.#send({ method, path, body: JSON.stringify(body), type: 'application/json' });
      expect(answer.status, `${method} ${path} ${answer.text}`).toBeLessThan(300);
      return answer.json;
    };
    const made = await post('/api/v1/probes', { type: 'heartbeat', name: label, interval: '1h' });
    const lasting = await post('/api/v1/probes', probe('lasting'));
    await post('/api/v1/monitoring/events', { id: label, source: label, event_type: 'a', data: {} });
    await post('/api/errors', [
      { id: eventIdOf(label), ...error(label, 'TypeError') },
      error(label, 'RangeError'),
    ]);
    await post('/api/v1/status-page', { enabled: true, webhooks: true }, 'PUT');
    await post('/status/subscribe', { address: 'http://192.0.2.1/hook' });
    // Only what the engine has can go into an archive.
    let archive = '';
    const cleanUp = async (): Promise<string> => {
      archive = fieldOf(
        await post('/api/v1/monitoring/maintenance/cleanup?older_than_hours=0', {}),
        'archive.name',
      );
      return archive;
    };
    await expect.poll(cleanUp, { timeout: 30_000, interval: 200 }).not.toBe('undefined');
    const groups = z
      .object({ groups: z.array(z.object({ id: z.string() })) })
      .parse((await this.#get(`/api/v1/errors/groups?service=${label}`)).json).groups;
    await post('/api/v2/alerts', [{ labels: { alertname: label } }]);
    const listed = (await this.#get('/api/v1/alerting/alerts')).json;
    const subscribers = (await this.#get('/api/v1/status-page/subscribers')).json;
    const words = {
      token: fieldOf(made, 'heartbeatPath').split('/').at(-1),
      heartbeat: fieldOf(made, 'id'),
      'lasting probe': fieldOf(lasting, 'id'),
      event: label,
      error: eventIdOf(label),
      group: groups[0]?.id,
      'other group': groups[1]?.id,
      subscriber: fieldOf(subscribers, 'subscribers.0.id'),
      page: 'page',
      alert: fieldOf(listed, 'alerts.0.fingerprint'),
      archive,
      schedule: 's',
      slo: 'slo',
      paged: await this.#page(),
      ...(await this.#incidents()),
    };
    for (const [word, value] of Object.entries(words)) this.#make(word, value ?? 'none');
  }

  /** Two incidents of alerts, and an alert of the second. */
  async #incidents(): Promise<Record<string, string>> {
    const ids: string[] = [];
    let fingerprint = '';
    for (const alertname of ['one that is kept', 'another that is kept']) {
      const body = JSON.stringify([{ labels: { alertname } }]);
      await this.#send({ method: 'POST', path: '/api/v2/alerts', body, type: 'application/json' });
      const filter = encodeURIComponent(`alertname="${alertname}"`);
      const listed = (await this.#get(`/api/v1/alerting/alerts?filter=${filter}`)).json;
      fingerprint = fieldOf(listed, 'alerts.0.fingerprint');
      let id = '';
      const find = async (): Promise<string> =>
        (id = fieldOf(
          (await this.#get(`/api/v1/incidents?fingerprint=${fingerprint}`)).json,
          'incidents.0.id',
        ));
      await expect.poll(find, { timeout: 30_000, interval: 100 }).not.toBe('undefined');
      ids.push(id);
    }
    return { 'alert incident': ids[0], 'other incident': ids[1], 'other alert': fingerprint };
  }

  /** The id of a page that stays open. */
  async #page(): Promise<string> {
    const labels = { alertname: 'prepared', team: 'paged', severity: 'critical' };
    await this.#send({
      method: 'POST',
      path: '/api/v2/alerts',
      body: JSON.stringify([{ labels }]),
      type: 'application/json',
    });
    let id = '';
    const find = async (): Promise<string> =>
      (id = fieldOf((await this.#get('/api/v1/oncall/pages')).json, 'pages.0.id'));
    await expect.poll(find, { timeout: 30_000, interval: 100 }).not.toBe('undefined');
    return id;
  }

  #make(word: string, value: string): void {
    this.#made.set(word, value);
    this.#own.add(value);
  }

  /** Every valid request once, and what it keeps; what it made is taken away again but for the first round's. */
  async validRound(round: number): Promise<void> {
    const label = `kept-${round}`;
    this.#own.add(label);
    for (const [name, { request, makes, removes, once, waits, lasts }] of Object.entries(VALID)) {
      if ((once === true && round > 0) || (removes === true && round === 0)) continue;
      const door = this.#doors.find((one) => one.name === name);
      expect(door, `${name} is no documented door`).toBeDefined();
      if (door === undefined) continue;
      const valid = request(label, this.#made);
      let answer = await this.#ask(validRequest(door, valid));
      if (waits === true && answer.status === CONFLICT)
        await expect
          .poll(async () => (answer = await this.#ask(validRequest(door, valid))).status, {
            timeout: ANSWER_WITHIN_MS,
            interval: 200,
          })
          .not.toBe(CONFLICT);
      expect(answer.status, `${name} ${label}: ${answer.text}`).toBeLessThan(300);
      if (makes !== undefined) this.#make(makes[0], fieldOf(answer.json, makes[1]));
      const kept = valid.kept?.(answer.json);
      if (kept === undefined) continue;
      await this.#look(kept.path, kept.shape);
      if (lasts === true && round === 0) this.#lasting.set(kept.path, kept.shape);
      if (round === 0 && removes !== true) this.#own.add(fieldOf(answer.json, 'id'));
    }
    for (const door of this.#doors) if (door.method === 'GET') await this.#read(door);
    await this.checkLasting();
  }

  async #read(door: Door): Promise<void> {
    const word = READS[door.name];
    if (VALID[door.name] !== undefined || (word === undefined && door.path.includes('{'))) return;
    const params: Record<string, string> = { kind: 'status.svg' };
    for (const one of ['id', 'name']) params[one] = this.#made.get(word ?? '') ?? 'none';
    // Of what a round took away the door says that it is not there.
    const query = QUERIES[door.path] ?? '';
    await this.#ask({
      door,
      url: `${filled(door.path, params)}?${query}`,
      body: undefined,
      type: undefined,
    });
  }

  async checkLasting(): Promise<void> {
    for (const [path, shape] of this.#lasting) await this.#look(path, shape);
  }

  async #look(path: string, shape: object): Promise<void> {
    const { json, status } = await this.#get(path);
    expect({ path, status, json }).toMatchObject({ path, status: 200, json: shape });
  }

  async badRound(many: number, atOnce: number): Promise<void> {
    let left = many;
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (left-- > 0) await this.#ask(this.#badRequest());
      }),
    );
  }

  #badRequest(): Request {
    const random = this.#random;
    const writes = this.#doors.filter(({ method }) => method !== 'GET');
    const door = pick(random, random() < 0.8 ? writes : this.#doors);
    const params = Object.fromEntries(
      door.parameters.filter((one) => one.in === 'path').map((one) => [one.name, this.#badParam(door, one)]),
    );
    const query = new URLSearchParams();
    for (const one of door.parameters)
      if (one.in === 'query' && random() < 0.4)
        query.append(one.name, random() < 0.5 ? hostileText(random) : textOf(one, random));
    return { door, url: `${filled(door.path, params)}?${query.toString()}`, ...this.#badBody(door) };
  }

  #badParam({ path }: Door, parameter: Parameter): string {
    const random = this.#random;
    const known = this.#pools.get(path.slice(0, path.indexOf('{'))) ?? [];
    if (known.length > 0 && random() < 0.6) return pick(random, known);
    return random() < 0.5 ? hostileText(random) : textOf(parameter, random);
  }

  #badBody(door: Door): Pick<Request, 'body' | 'type'> {
    const random = this.#random;
    if (door.method === 'GET' || door.method === 'DELETE') return { body: undefined, type: undefined };
    const valid = VALID[door.name]?.request(`fuzz-${Math.floor(random() * 40)}`, new Map());
    const type = pick(random, [
      ...Array.from({ length: 12 }, () => 'application/json'),
      'text/plain',
      'application/x-ndjson',
      'application/x-www-form-urlencoded',
      'application/json; charset=utf-16',
      'nonsense',
    ]);
    if (valid?.text !== undefined && random() < 0.5) {
      const at = Math.floor(random() * valid.text.length);
      return { body: `${valid.text.slice(0, at)}${hostileText(random)}${valid.text.slice(at)}`, type };
    }
    const basis =
      valid?.body !== undefined && (door.body === undefined || random() < 0.6)
        ? valid.body
        : valueOf(door.body, random);
    return { body: bodyText(random() < 0.15 ? basis : spoiled(basis, random), random), type };
  }

  async #ask({ door, url, body, type }: Request): Promise<Answer> {
    this.requests++;
    if (body !== undefined) this.bodies++;
    const held = HELD.has(door.name);
    const began = performance.now();
    try {
      const answer = await this.#send({ method: door.method, path: url, body, type, held });
      if (answer.status >= 500)
        this.faults.push(`${answer.status} ${door.method} ${url} ${body?.slice(0, 500)}: ${answer.text}`);
      if (answer.status < 300) {
        this.#reached.add(door.name);
        this.#harvest(door, answer.json);
      }
      return answer;
    } catch (thrown) {
      if (held) {
        // It holds the question: it was taken.
        this.#reached.add(door.name);
        return { status: 200, json: undefined, text: '' };
      }
      const counted = await this.#leftAtServer();
      this.faults.push(
        `no answer: ${door.method} ${url} ${type} ${body?.slice(0, 500)}: ${String(thrown)}; the server counts ${counted}`,
      );
      return { status: 599, json: undefined, text: String(thrown) };
    } finally {
      this.#waited.set(door.name, (this.#waited.get(door.name) ?? 0) + performance.now() - began);
    }
  }

  /** Requests that the server had when their client left: without a line for it, one never got there. */
  async #leftAtServer(): Promise<string> {
    const { text } = await this.#get('/metrics').catch((thrown: unknown) => ({ text: String(thrown) }));
    return (
      text
        .split('\n')
        .filter((line) => line.includes('code="499"'))
        .join(', ') || 'none that was left'
    );
  }

  /** The doors that all requests together waited for longest, in seconds. */
  slowest(): string {
    return [...this.#waited]
      .sort(([, a], [, b]) => b - a)
      .slice(0, 5)
      .map(([name, ms]) => `${name} ${Math.round(ms / 1000)} s`)
      .join(', ');
  }

  /** Ids and names of what is there, so that bad requests meet it. */
  #harvest({ path }: Door, json: unknown): void {
    const end = path.indexOf('{');
    const pool = end < 0 ? `${path}/` : path.slice(0, end);
    const known = this.#pools.get(pool) ?? [];
    for (const id of idsIn(json)) if (!this.#own.has(id) && !known.includes(id)) known.push(id);
    this.#pools.set(pool, known.filter((id) => !this.#own.has(id)).slice(-POOL));
  }

  async #get(path: string): Promise<Answer> {
    return await this.#send({ method: 'GET', path, body: undefined, type: undefined });
  }

  async #send(request: {
    readonly method: string;
    readonly path: string;
    readonly body: string | undefined;
    readonly type: string | undefined;
    readonly held?: boolean;
  }): Promise<Answer> {
    const { method, path, body, type, held = false } = request;
    const ask = () =>
      fetch(this.#url() + path, {
        method,
        // Of the address a redirect names nothing is learnt here.
        redirect: 'manual',
        signal: AbortSignal.timeout(held ? HEAD_WITHIN_MS : ANSWER_WITHIN_MS),
        ...(body !== undefined && { body: Buffer.from(body) }),
        ...(type !== undefined && { headers: { 'content-type': type } }),
      });
    const answer = await ask().catch((thrown: unknown) => {
      // An idle connection may end just when it is used again; a body that ends its connection does so twice.
      if (!isReset(thrown)) throw thrown;
      return ask();
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: answer.status, text, json: isJson && text !== '' ? JSON.parse(text) : undefined };
  }
}

function validRequest(door: Door, { params = {}, query = '', body, text }: ValidRequest): Request {
  return {
    door,
    url: `${filled(door.path, params)}?${query}`,
    body: text ?? (body === undefined ? undefined : JSON.stringify(body)),
    type: text === undefined && body !== undefined ? 'application/json' : undefined,
  };
}

function filled(path: string, params: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
    const value = params[name] ?? 'x';
    // A lone surrogate has no place in an address.
    return encodeURIComponent(Buffer.from(value).toString()) || 'x';
  });
}

function textOf({ schema }: Parameter, random: Random): string {
  const value = valueOf(schema, random);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const MOST_IDS = 30;

function idsIn(json: unknown): string[] {
  const ids: string[] = [];
  const walk = (one: unknown): void => {
    if (ids.length >= MOST_IDS || one === null || typeof one !== 'object') return;
    for (const [key, value] of Object.entries(one))
      if ((key === 'id' || key === 'name') && typeof value === 'string' && value !== '') ids.push(value);
      else walk(value);
  };
  walk(json);
  return ids;
}

function isReset(thrown: unknown): boolean {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return (
    cause instanceof Error &&
    'code' in cause &&
    (cause.code === 'ECONNRESET' || cause.code === 'UND_ERR_SOCKET')
  );
}
