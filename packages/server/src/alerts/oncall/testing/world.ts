import { z } from 'zod';
import type { OpenStateStore } from '../../../journal/index.ts';
import { type MemoryJournal, openTestState } from '../../../journal/testing/index.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import type { AlertmanagerConfig } from '../../config/load.ts';
import { alertmanagerConfig, openTestAlertmanager, type TestAlertmanager } from '../../testing/open.ts';
import { loadOnCall, type OnCallConfig } from '../config/load.ts';

export const MINUTE = 60_000;
export const START = Date.UTC(2026, 0, 5, 12);
interface Routes {
  readonly groupBy?: string;
  readonly matcher?: string;
}

/** Alertmanager's file: what matches is paged. */
export function routes(of: Routes): AlertmanagerConfig {
  return alertmanagerConfig(routesText(of));
}

const routesText = ({ groupBy = 'alertname', matcher = 'team="a"' }: Routes): string => `
route:
  receiver: nobody
  group_by: [${groupBy}]
  group_wait: 0s
  group_interval: 1m
  routes: [ { receiver: pager, matchers: [ '${matcher}' ] } ]
receivers:
  - name: nobody
  - name: pager
  - { name: ada, webhook_configs: [ { url: 'http://ada/' } ] }
  - { name: boss, webhook_configs: [ { url: 'http://boss/' } ] }
`;
const PEOPLE = `
people: [ { name: ada, contacts: [ada] }, { name: grace, contacts: [boss] } ]
schedules: [ { name: s, layers: [ { people: [ada, grace], start: 2026-01-05, every: 1w } ] } ]
policies: [ { name: p, levels: [ { tell: [ { schedule: s } ], times: 2, every: 5m }, { tell: [ { person: grace } ], times: 1 } ] } ]
escalate: [ { receiver: pager, policy: p } ]
`;

export function onCallFile(text = PEOPLE): OnCallConfig {
  const loaded = loadOnCall({ name: 'o.yml', text }, new Set(['nobody', 'pager', 'ada', 'boss']));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

const message = z.object({
  status: z.string(),
  groupKey: z.string(),
  alerts: z.array(z.object({ annotations: z.record(z.string(), z.string()) })),
});

interface Sent {
  readonly to: string;
  readonly status: string;
  readonly link: string | undefined;
  readonly minute: number;
  /** It says that it may have come before. */
  readonly isMarked: boolean;
  /** By what the receiver knows which messages belong together. */
  readonly group: string;
}

interface Request {
  readonly url: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** Pharos with an on-call file; restarting it keeps disk and clock. */
export class OnCallWorld {
  readonly clock = new ManualClock(START);
  readonly sent: Sent[] = [];
  /** Status codes of hosts; 200 otherwise. */
  readonly answers = new Map<string, number>();
  /** What each message goes through on its way out. */
  through: (send: () => Promise<Answer>) => Promise<Answer> = (send) => send();
  /** Alertmanager's file at the next start. */
  routes: Routes = {};
  readonly #onCall: OnCallConfig;
  #open: TestAlertmanager | null = null;

  constructor(onCall: OnCallConfig = onCallFile()) {
    this.#onCall = onCall;
  }

  get it(): TestAlertmanager {
    if (this.#open === null) throw new Error('not started');
    return this.#open;
  }

  /** On the disk it had, unless another is given. */
  async start(disk?: { readonly state: OpenStateStore; readonly journal: MemoryJournal }): Promise<this> {
    const { state, journal } = disk ?? this.#open ?? { state: await openTestState(), journal: undefined };
    this.#open = await openTestAlertmanager(routesText(this.routes), {
      clock: this.clock,
      state,
      ...(journal !== undefined && { journal }),
      onCall: this.#onCall,
      newId: () => `id${++ids}`,
      http: this.#http(),
    });
    await this.soon();
    return this;
  }

  #http() {
    // Of this life: the next one has another.
    const { through } = this;
    const take = ({ url, body, headers }: Request): Answer => {
      const to = new URL(url).hostname;
      const status = this.answers.get(to) ?? 200;
      const told = message.parse(JSON.parse(String(body)));
      const link = told.alerts[0]?.annotations['acknowledge_url'];
      const minute = (this.clock.now() - START) / MINUTE;
      const isMarked = headers['x-pharos-possible-duplicate'] === 'true';
      if (status === 200)
        this.sent.push({ to, status: told.status, link, minute, isMarked, group: told.groupKey });
      return { status, headers: {}, body: Buffer.alloc(0) };
    };
    const send = (request: Request): Promise<Answer> => through(() => Promise.resolve(take(request)));
    return {
      send,
      connect: () => Promise.reject(new Error('there is no network here')),
      readText: () => Promise.reject(new Error('there are no files here')),
    };
  }

  async kill(): Promise<this> {
    await this.it.stop();
    return this;
  }

  async fire(isOver = false, alertname = 'Down'): Promise<void> {
    const now = this.clock.now();
    await this.it.alertmanager.receive([
      {
        labels: new Map([
          ['alertname', alertname],
          ['team', 'a'],
          ['severity', 'critical'],
        ]),
        annotations: new Map([['summary', 'it is <b>down</b>']]),
        startsAt: START,
        endsAt: isOver ? now : now + 86_400_000,
        generatorUrl: '',
      },
    ]);
    await this.soon();
  }

  /** What is due now happens, and what follows from it. */
  async soon(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      await this.clock.advance(0);
      await settle();
    }
  }

  /** Minute by minute, so that what one does is over before the next. */
  async pass(minutes: number): Promise<void> {
    for (let i = 0; i < minutes; i++) {
      await this.clock.advance(MINUTE);
      await this.soon();
    }
  }

  get told(): readonly string[] {
    return this.sent.map(({ to, status, minute }) => `${minute} ${to} ${status}`);
  }

  async get(url: string): Promise<{ readonly status: number; readonly text: string }> {
    const answer = await this.it.app.inject({ method: 'GET', url, headers: { host: 'localhost' } });
    return { status: answer.statusCode, text: answer.body };
  }

  async post(
    url: string,
    payload?: object | string,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const answer = await this.it.app.inject({
      method: 'POST',
      url,
      headers: {
        host: 'localhost',
        ...(typeof payload === 'string' && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(payload !== undefined && { payload }),
    });
    await this.soon();
    return { status: answer.statusCode, text: answer.body };
  }

  /** Newest first. */
  async pages(): Promise<z.output<typeof pages>['pages']> {
    const { text } = await this.get('/api/v1/oncall/pages');
    return pages.parse(JSON.parse(text)).pages;
  }

  /** The one page. */
  async page(): Promise<z.output<typeof pages>['pages'][number]> {
    const [only] = await this.pages();
    return only;
  }

  /** Path and query of the link in the last message. */
  get link(): string {
    const { pathname, search } = new URL(this.sent.at(-1)?.link ?? '');
    return pathname + search;
  }
}

const pages = z.object({
  pages: z.array(
    z.object({
      id: z.string(),
      state: z.string(),
      acknowledged_by: z.string(),
      fingerprints: z.array(z.string()),
      events: z.array(z.object({ what: z.string(), by: z.string(), text: z.string() })),
    }),
  ),
});

let ids = 0;

/** Lets what can happen now happen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 60; i++) await new Promise((resolve) => setImmediate(resolve));
}
