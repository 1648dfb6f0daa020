import type { IncidentCause, IncidentQuestion } from '../../../analysis/index.ts';
import { openTestApp } from '../../../http/testing/test-app.ts';
import type { HttpApp } from '../../../http/types.ts';
import type { OpenStateStore } from '../../../journal/index.ts';
import { openTestState } from '../../../journal/testing/index.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import { silentLog } from '../../../kernel/log.ts';
import { createServiceNames } from '../../../kernel/names.ts';
import { createTelemetry } from '../../../kernel/telemetry.ts';
import { openTestAlertmanager, type TestAlertmanager } from '../../testing/open.ts';
import { isFiring } from '../incident.ts';
import { Incidents } from '../incidents.ts';
import { alertIncidentsApi } from '../routes.ts';
import type { Happening } from '../timeline.ts';
import { MINUTE, RULES, SHOP, START } from './world.ts';

const ROUTES = `
route: { receiver: team, group_by: [alertname], group_wait: 0s, group_interval: 1m }
receivers: [ { name: team, webhook_configs: [ { url: 'http://team/' } ] } ]
inhibit_rules: [ { source_matchers: ['alertname="Down"'], target_matchers: ['alertname="Lost"'] } ]
`;

/** Nothing was wrong. */
export const NOBODY: IncidentCause = {
  timestamp: new Date(START).toISOString(),
  window: '660s',
  method: 'statistical',
  confidence: null,
  suspects: [],
  no_suspect: 'No suspect: nothing was out of order.',
  others: [],
  warnings: [],
};

/** Alertmanager with incidents; starting it again keeps disk and clock. */
export class IncidentsHouse {
  readonly clock = new ManualClock(START);
  /** What other parts of Pharos saw. */
  happenings: readonly Happening[] = [];
  /** What is suspected of an incident. */
  cause: (incident: IncidentQuestion) => Promise<IncidentCause> = () => Promise.resolve(NOBODY);
  people: readonly string[] = [];
  /** What its doors warned of, facts and words in turn. */
  readonly warned: unknown[] = [];
  /** How often the conditions of all rules' alerts were gathered. */
  signsAsked = 0;
  #alerting: TestAlertmanager | null = null;
  #incidents: Incidents | null = null;
  #app: HttpApp | null = null;

  get incidents(): Incidents {
    if (this.#incidents === null) throw new Error('not started');
    return this.#incidents;
  }

  get state(): OpenStateStore | undefined {
    return this.#alerting?.state;
  }

  /** @param seenBy what incidents write to, where it is not the state itself */
  async start(state?: OpenStateStore, seenBy = (own: OpenStateStore) => own): Promise<this> {
    const { clock } = this;
    const disk = state ?? (await openTestState());
    const alerting = await openTestAlertmanager(ROUTES, { clock, state: disk });
    const { alertmanager } = alerting;
    const incidents = new Incidents({
      clock,
      log: silentLog,
      telemetry: createTelemetry(),
      state: seenBy(disk),
      tenant: 'default',
      settings: { enabled: true, ...RULES },
      retentionMs: 90 * 86_400_000,
      names: createServiceNames(new Map()),
      alerts: alertmanager,
      firstSigns: () => {
        this.signsAsked++;
        return new Map();
      },
      calls: () => SHOP,
      breathe: () => Promise.resolve(),
    });
    this.#alerting = alerting;
    this.#incidents = incidents;
    await incidents.start();
    this.#app = await openTestApp([
      alertIncidentsApi({
        clock,
        log: { ...silentLog, warn: (facts, message) => this.warned.push(facts, message) },
        incidents,
        account: {
          facts: {
            happenings: () => Promise.resolve({ happenings: this.happenings, warnings: [] }),
          },
          calls: () => SHOP,
          told: (fingerprints, span) => alertmanager.told(fingerprints, span),
        },
        cause: (incident) => this.cause(incident),
        people: () => this.people,
        externalUrl: () => 'http://pharos.example',
      }),
    ]);
    return this;
  }

  async stop(): Promise<void> {
    await this.#app?.close();
    await this.#incidents?.stop();
    await this.#alerting?.stop();
  }

  /** `Errors order`, which fires or is over. */
  async alert(
    text: string,
    more: {
      readonly isOver?: boolean;
      readonly lastsMs?: number;
      readonly startsAt?: number;
      readonly labels?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<void> {
    const [alertname, service] = text.split(' ');
    const now = this.clock.now();
    await this.#alerting?.alertmanager.receive([
      {
        labels: new Map(Object.entries({ alertname, service, ...more.labels })),
        annotations: new Map([['summary', `${text} <b>now</b>`]]),
        startsAt: more.startsAt ?? null,
        endsAt: more.isOver === true ? now : now + (more.lastsMs ?? 86_400_000),
        generatorUrl: '',
      },
    ]);
    await this.incidents.settled();
  }

  /** So many alerts of one rule and service in one go, which fire or are over. */
  async flood(count: number, isOver = false): Promise<void> {
    const now = this.clock.now();
    await this.#alerting?.alertmanager.receive(
      Array.from({ length: count }, (_, i) => ({
        labels: new Map(Object.entries({ alertname: 'Down', service: 'order', n: String(i) })),
        annotations: new Map(),
        startsAt: null,
        endsAt: isOver ? now : now + 86_400_000,
        generatorUrl: '',
      })),
    );
    await this.incidents.settled();
  }

  async pass(minutes: number): Promise<void> {
    for (let i = 0; i < minutes; i++) {
      await this.clock.advance(MINUTE);
      await settle();
    }
  }

  async ask(
    method: 'GET' | 'POST' | 'PATCH',
    url: string,
    payload?: object,
  ): Promise<{ readonly status: number; readonly json: unknown; readonly text: string }> {
    const answer = await this.#app?.inject({
      method,
      url: `/api/v1/incidents${url}`,
      headers: { host: 'localhost' },
      ...(payload !== undefined && { payload }),
    });
    if (answer === undefined) throw new Error('not started');
    const isJson = String(answer.headers['content-type']).includes('json');
    return { status: answer.statusCode, json: isJson ? answer.json() : null, text: answer.body };
  }

  /** `1 open: Errors order, (Slow user)`: all incidents, those of their alerts that ended in brackets. */
  shown(): readonly string[] {
    return this.incidents.book
      .all()
      .map(({ id, phase, members }) => {
        const alerts = members.map((one) => {
          const text = `${one.labels.get('alertname')} ${one.labels.get('service')}`;
          return isFiring(one) ? text : `(${text})`;
        });
        return `${id} ${phase.kind}: ${alerts.join(', ')}`;
      })
      .reverse();
  }
}

/** Lets what can happen now happen. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 40; i++) await new Promise((resolve) => setImmediate(resolve));
}
