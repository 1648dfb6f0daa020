import { type ParserOptions } from '@pharos/promql';
import type { RuleGroup } from '../definition.ts';
import { rulesErrors } from '../errors.ts';
import { parseRuleFile } from '../file/parse.ts';
import { ruleProblemLine } from '../file/problem.ts';
import { breakers } from './breakers.ts';
import { certificates } from './certificates.ts';
import { disk } from './disk.ts';
import { errors } from './errors.ts';
import { events } from './events.ts';
import { latency } from './latency.ts';
import { logs } from './logs.ts';
import { pharos } from './pharos.ts';
import { probes } from './probes.ts';
import { queues } from './queues.ts';
import { type ReadyGroup, ruleFileGroup } from './ready-group.ts';
import { resources } from './resources.ts';
import { serviceDown } from './service-down.ts';
import { slo, sloSlow } from './slo.ts';
import { targets } from './targets.ts';

/** The rules that Pharos brings along, by the name of their group and of the page about them. */
export const READY_GROUPS: Readonly<Record<string, ReadyGroup>> = {
  'service-down': serviceDown,
  targets,
  probes,
  errors,
  latency,
  slo,
  'slo-slow': sloSlow,
  breakers,
  events,
  logs,
  queues,
  resources,
  disk,
  certificates,
  pharos,
};

/** Where they stand in lists of rules, among files. */
const READY_FILE = 'ready';

/** All alerts there are. */
export const READY_ALERTS: readonly string[] = Object.values(READY_GROUPS).flatMap(({ alerts }) =>
  alerts.map(({ alert }) => alert),
);

/** A rule file of the ready rules, for reading and for changing. */
export function readyRuleFile(without: readonly string[] = []): object {
  const left = new Set(without);
  const groups = Object.entries(READY_GROUPS).filter(([, { alerts }]) =>
    alerts.some(({ alert }) => !left.has(alert)),
  );
  return { groups: groups.map(([name, group]) => ruleFileGroup(name, group, left)) };
}

/** The ready rules as the rule files of a configuration are read. */
export function readyRuleGroups(without: readonly string[], parser: ParserOptions): readonly RuleGroup[] {
  const parsed = parseRuleFile(READY_FILE, JSON.stringify(readyRuleFile(without)), { parser });
  if (parsed.ok) return parsed.groups;
  throw rulesErrors.make('refused', parsed.problems.map(ruleProblemLine).join('\n'));
}
