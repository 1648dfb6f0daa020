import { formatDuration } from '@pharos/promql';
import { stringify } from 'yaml';
import { z } from 'zod';
import { DEFAULT_TENANT } from '../../http/admit.ts';
import type { ApiModule, HttpApp } from '../../http/types.ts';
import { alertErrors } from '../errors.ts';
import type { Rule } from './definition.ts';
import type { RunningGroup } from './manager.ts';

interface LokiRulesDeps {
  readonly rules: { groups(): readonly RunningGroup[] };
}

const tags = ['loki'];
/** Loki's own path, and the older one that Grafana asks. */
const PATHS = ['/loki/api/v1/rules', '/api/prom/rules'] as const;
const ofNamespace = z.object({ namespace: z.string() });
const ofGroup = ofNamespace.extend({ group: z.string() });

/** Loki's API of rules, as far as it reads: rules over log lines by file, in YAML. Files are written by who runs Pharos. */
export function lokiRulesApi({ rules }: LokiRulesDeps): ApiModule {
  const groupsOf = (tenant: string): readonly RunningGroup[] =>
    tenant === DEFAULT_TENANT ? rules.groups().filter(({ group }) => group.language === 'logql') : [];
  return {
    name: 'loki-rules',
    renderError: (error, _request, reply) => {
      void reply.type('text/plain; charset=utf-8');
      return `${error.message}\n`;
    },
    register(app) {
      for (const path of PATHS) {
        readRoutes(app, path, groupsOf);
        refusals(app, path);
      }
    },
  };
}

function readRoutes(app: HttpApp, path: string, groupsOf: (tenant: string) => readonly RunningGroup[]): void {
  app.get(
    path,
    { schema: { tags, summary: 'Rule groups over log lines, by file, as YAML' } },
    (request, reply) => reply.type(YAML).send(namespacesYaml(groupsOf(request.tenant))),
  );
  app.get(
    `${path}/:namespace`,
    { schema: { tags, summary: 'Those of one file', params: ofNamespace } },
    ({ params, tenant }, reply) =>
      reply
        .type(YAML)
        .send(namespacesYaml(groupsOf(tenant).filter(({ group }) => group.file === params.namespace))),
  );
  app.get(
    `${path}/:namespace/:group`,
    { schema: { tags, summary: 'One of them', params: ofGroup } },
    ({ params, tenant }, reply) => {
      const found = groupsOf(tenant).find(
        ({ group }) => group.file === params.namespace && group.name === params.group,
      );
      if (found === undefined) throw alertErrors.make('unknownRule', 'group does not exist');
      return reply.type(YAML).send(yamlOf(groupYaml(found)));
    },
  );
}

const YAML = 'application/yaml';

function refusals(app: HttpApp, path: string): void {
  const refuse = (): never => {
    throw alertErrors.make(
      'fixedRules',
      'rule groups are not changed over this API: they stand in the files of log_rule_files, or are made in the pages of Pharos',
    );
  };
  const summary = 'Refused: rules stand in files, or are made in the pages';
  app.post(`${path}/:namespace`, { schema: { tags, summary, params: ofNamespace } }, refuse);
  app.delete(`${path}/:namespace`, { schema: { tags, summary, params: ofNamespace } }, refuse);
  app.delete(`${path}/:namespace/:group`, { schema: { tags, summary, params: ofGroup } }, refuse);
}

function yamlOf(value: object): string {
  return stringify(value, { lineWidth: 0 });
}

/** By file. Loki's words where there is none: Grafana knows by them that all is well. */
function namespacesYaml(groups: readonly RunningGroup[]): string {
  if (groups.length === 0) throw alertErrors.make('unknownRule', 'no rule groups found');
  const byFile = new Map<string, object[]>();
  for (const one of groups) {
    const known = byFile.get(one.group.file);
    if (known === undefined) byFile.set(one.group.file, [groupYaml(one)]);
    else known.push(groupYaml(one));
  }
  return yamlOf(byFile);
}

function groupYaml({ group, settings }: RunningGroup): object {
  return {
    name: group.name,
    interval: formatDuration(settings.intervalMs),
    ...(group.limit > 0 && { limit: group.limit }),
    rules: group.rules.map(ruleYaml),
  };
}

function ruleYaml(rule: Rule): object {
  const some = (name: string, texts: ReadonlyMap<string, string>) =>
    texts.size === 0 ? {} : { [name]: texts };
  const lasting = (name: string, ms: number) => (ms === 0 ? {} : { [name]: formatDuration(ms) });
  if (rule.kind === 'recording')
    return { record: rule.name, expr: rule.query, ...some('labels', rule.labels) };
  return {
    alert: rule.name,
    expr: rule.query,
    ...lasting('for', rule.forMs),
    ...lasting('keep_firing_for', rule.keepFiringForMs),
    ...some('labels', rule.labels),
    ...some('annotations', rule.annotations),
  };
}
