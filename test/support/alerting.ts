import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { RunningPharos } from './pharos.ts';

/** Rules that need no metrics: one fires at once, one is pending for long, one fails, one records. */
const RULES = `
groups:
  - name: shop
    interval: 1s
    rules:
      - alert: ServiceDown
        expr: vector(7) > 5
        labels: { severity: critical, service: order }
        annotations: { summary: 'Service order is down: {{ $value }}', runbook_url: 'https://runbooks.example/service-down' }
      - { alert: SlowAnswers, expr: 'vector(2) > 1', for: 1h, labels: { severity: warning, service: order } }
      - { record: 'shop:seven', expr: vector(7) }
  - name: broken
    interval: 1s
    rules:
      - { alert: Unclear, expr: 'label_replace(vector(1), "x", "$1", "y", ".*") + on() group_left() (label_replace(vector(1), "a", "1", "", "") or label_replace(vector(1), "a", "2", "", "")) > 0' }
`;

/** Somebody who is told; on `/refused` everything is refused for good. */
export interface Hook {
  readonly url: string;
  close(): void;
}

export async function startHook(): Promise<Hook> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(request.url === '/refused' ? 400 : 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/** Only the rules that the tests give: what Pharos brings along would fire or not as the machine is. */
export const OWN_RULES = 'rules: { ready: { enabled: false } }\n';

/** Gives a running server rules and routes: the team is told at once, a second receiver refuses what is of severity info. */
export async function giveRulesAndRoutes(pharos: RunningPharos, hook: Hook): Promise<void> {
  const rules = join(pharos.directory, 'rules.yml');
  const routes = join(pharos.directory, 'alertmanager.yml');
  await writeFile(rules, RULES);
  await writeFile(
    routes,
    `
route:
  receiver: team
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  routes:
    - { receiver: refused, matchers: [ 'severity="info"' ] }
    - { receiver: night, matchers: [ 'team="night"' ], continue: true }
receivers:
  - { name: team, webhook_configs: [ { url: '${hook.url}/team' } ] }
  - { name: refused, webhook_configs: [ { url: '${hook.url}/refused' } ] }
  - { name: night }
`,
  );
  await writeFile(
    join(pharos.directory, 'pharos.yaml'),
    `${OWN_RULES}rule_files: ['${rules}']\nalertmanager: { config_file: '${routes}' }\n`,
  );
  pharos.child.kill('SIGHUP');
}

const OBJECTIVE =
  "slos: [ { name: cart, service: cart, objective: 99.9, ratio: { bad: 'rate(bad[$window])', total: 'rate(all[$window])' } } ]\n";

/** Gives a running server an objective without data and people on call: alerts of team shop page who has the week, and after them grace. */
export async function giveOnCall(pharos: RunningPharos, hook: Hook): Promise<void> {
  const routes = join(pharos.directory, 'paging.yml');
  const people = join(pharos.directory, 'oncall.yml');
  await writeFile(
    routes,
    `
route:
  receiver: team
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  routes: [ { receiver: pager, matchers: [ 'team="shop"' ] } ]
receivers:
  - { name: team, webhook_configs: [ { url: '${hook.url}/team' } ] }
  - { name: pager }
  - { name: ada, webhook_configs: [ { url: '${hook.url}/ada' } ] }
  - { name: grace, webhook_configs: [ { url: '${hook.url}/grace' } ] }
`,
  );
  await writeFile(
    people,
    `
time_zone: Europe/Berlin
people: [ { name: ada, contacts: [ada] }, { name: grace, contacts: [grace] } ]
schedules:
  - name: shop
    layers: [ { name: week, people: [ada, grace], start: 2026-01-05T09:00, every: 1w } ]
policies:
  - { name: shop, levels: [ { tell: [ { schedule: shop } ], every: 30m }, { tell: [ { person: grace } ] } ] }
escalate: [ { receiver: pager, policy: shop } ]
`,
  );
  await writeFile(
    join(pharos.directory, 'pharos.yaml'),
    `${OWN_RULES}alertmanager: { config_file: '${routes}' }\non_call: { config_file: '${people}' }\n${OBJECTIVE}`,
  );
  pharos.child.kill('SIGHUP');
}

/** Sends alerts as another Prometheus would. */
export async function sendAlerts(
  pharos: RunningPharos,
  labels: readonly Readonly<Record<string, string>>[],
): Promise<void> {
  const answer = await fetch(`${pharos.url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(
      labels.map((one) => ({
        labels: one,
        annotations: { summary: `Disk of ${one['host'] ?? 'a host'} is nearly full` },
      })),
    ),
  });
  if (!answer.ok) throw new Error(`alerts were not taken: ${answer.status} ${await answer.text()}`);
}
