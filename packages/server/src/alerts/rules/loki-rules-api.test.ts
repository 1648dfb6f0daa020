import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { BLUE, openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { lokiRulesApi } from './loki-rules-api.ts';
import { RulesBench } from './testing/bench.ts';

const RULES = `groups:
- name: shop
  interval: 1m
  limit: 5
  rules:
  - alert: Failing
    expr: sum(rate({app="shop"} |= "error" [5m])) > 1
    for: 10m
    labels: {severity: page}
    annotations: {summary: "{{ $value }}"}
  - {record: shop:errors, expr: 'sum(rate({app="shop"} |= "error" [5m]))'}
`;

let bench: RulesBench;
let app: HttpApp;
beforeEach(async () => {
  bench = await RulesBench.start({
    'shop.loki': RULES,
    'a.yml': 'groups: [{name: series, rules: [{record: x, expr: up}]}]',
  });
  app = await openTestApp([lokiRulesApi({ rules: bench.manager })]);
});
afterEach(async () => {
  await app.close();
  await bench.close();
});

const file = (): string => `${bench.folder}/shop.loki`;
const get = async (path: string, headers: Record<string, string> = {}) => {
  const { statusCode, body } = await app.inject({ url: path, headers: { host: 'localhost', ...headers } });
  return { status: statusCode, body };
};
const GROUP = {
  name: 'shop',
  interval: '1m',
  limit: 5,
  rules: [
    {
      alert: 'Failing',
      expr: 'sum(rate({app="shop"} |= "error" [5m])) > 1',
      for: '10m',
      labels: { severity: 'page' },
      annotations: { summary: '{{ $value }}' },
    },
    { record: 'shop:errors', expr: 'sum(rate({app="shop"} |= "error" [5m]))' },
  ],
};

it('lists the rules over log lines by file, on both paths, and none over series', async () => {
  for (const path of ['/loki/api/v1/rules', '/api/prom/rules?subtype=cortex']) {
    const { status, body } = await get(path);
    expect([status, parse(body)]).toEqual([200, { [file()]: [GROUP] }]);
  }
});

it('answers for one file and for one group', async () => {
  const namespace = encodeURIComponent(file());
  expect(parse((await get(`/loki/api/v1/rules/${namespace}`)).body)).toEqual({ [file()]: [GROUP] });
  expect(parse((await get(`/loki/api/v1/rules/${namespace}/shop`)).body)).toEqual(GROUP);
  expect(await get(`/loki/api/v1/rules/${namespace}/other`)).toEqual({
    status: 404,
    body: 'group does not exist\n',
  });
});

it("says in Loki's words that there are none", async () => {
  const none = { status: 404, body: 'no rule groups found\n' };
  expect(await get('/loki/api/v1/rules/other')).toEqual(none);
  expect(await get('/loki/api/v1/rules', BLUE)).toEqual(none);
});

it('refuses changes, and says where rules are made', async () => {
  const answer = await app.inject({
    method: 'POST',
    url: '/loki/api/v1/rules/mine',
    headers: { host: 'localhost', 'content-type': 'application/json' },
    payload: '{}',
  });
  expect([answer.statusCode, answer.body]).toEqual([501, expect.stringContaining('log_rule_files')]);
});
