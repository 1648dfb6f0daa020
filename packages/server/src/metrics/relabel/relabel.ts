import { createHash } from 'node:crypto';
import type { RelabelAction, RelabelConfig } from './config.ts';
import { type AnchoredRegex, compileAnchored, expandTemplate } from './regex.ts';

/** A label set under change. An empty value means "no such label". */
export type MutableLabels = Map<string, string>;

/** A compiled chain of relabel rules: changes the labels in place; false means drop. */
export type Relabeler = (labels: MutableLabels) => boolean;

interface Rule {
  readonly sources: readonly string[];
  readonly separator: string;
  readonly regex: AnchoredRegex;
  readonly modulus: bigint;
  readonly target: string;
  readonly replacement: string;
}

type Action = (rule: Rule, labels: MutableLabels) => boolean;

function set(labels: MutableLabels, name: string, value: string): true {
  if (value === '') labels.delete(name);
  else labels.set(name, value);
  return true;
}

function source(rule: Rule, labels: MutableLabels): string {
  return rule.sources.map((name) => labels.get(name) ?? '').join(rule.separator);
}

function replace(rule: Rule, labels: MutableLabels): boolean {
  const groups = rule.regex.groups(source(rule, labels));
  if (groups === null) return true;
  const target = expandTemplate(rule.target, groups);
  return target === '' ? true : set(labels, target, expandTemplate(rule.replacement, groups));
}

/** The last eight bytes of the MD5 digest, big-endian, modulo: Prometheus' shard numbers. */
function hashmod(rule: Rule, labels: MutableLabels): boolean {
  const digest = createHash('md5').update(source(rule, labels), 'utf8').digest();
  return set(labels, rule.target, String(digest.readBigUInt64BE(8) % rule.modulus));
}

function labelmap(rule: Rule, labels: MutableLabels): boolean {
  for (const [name, value] of Array.from(labels)) {
    const groups = rule.regex.groups(name);
    if (groups === null) continue;
    const target = expandTemplate(rule.replacement, groups);
    if (target !== '') set(labels, target, value);
  }
  return true;
}

function dropWhere(rule: Rule, labels: MutableLabels, matching: boolean): boolean {
  for (const name of labels.keys()) if (rule.regex.matches(name) === matching) labels.delete(name);
  return true;
}

/** One entry per action; a missing one does not compile. */
const ACTIONS: Readonly<Record<RelabelAction, Action>> = {
  replace,
  keep: (rule, labels) => rule.regex.matches(source(rule, labels)),
  drop: (rule, labels) => !rule.regex.matches(source(rule, labels)),
  keepequal: (rule, labels) => (labels.get(rule.target) ?? '') === source(rule, labels),
  dropequal: (rule, labels) => (labels.get(rule.target) ?? '') !== source(rule, labels),
  hashmod,
  labelmap,
  labeldrop: (rule, labels) => dropWhere(rule, labels, true),
  labelkeep: (rule, labels) => dropWhere(rule, labels, false),
  lowercase: (rule, labels) => set(labels, rule.target, source(rule, labels).toLowerCase()),
  uppercase: (rule, labels) => set(labels, rule.target, source(rule, labels).toUpperCase()),
};

/** One rule's doing, as the relabel steps of a target are shown. */
export interface RelabelStep {
  readonly rule: RelabelConfig;
  /** The labels after the rule; empty when it dropped them. */
  readonly output: ReadonlyMap<string, string>;
  readonly keep: boolean;
}

/** Every rule's effect in turn. After a drop all that follows is dropped too. */
export function relabelSteps(
  configs: readonly RelabelConfig[],
  input: ReadonlyMap<string, string>,
): RelabelStep[] {
  const labels = new Map(input);
  let keep = true;
  return configs.map((rule) => {
    keep = keep && createRelabeler([rule])(labels);
    return { rule, output: keep ? new Map(labels) : new Map<string, string>(), keep };
  });
}

/** Compiles validated rules. Throws a `TypeError` on an invalid pattern, which validation excludes. */
export function createRelabeler(configs: readonly RelabelConfig[]): Relabeler {
  const steps = configs.map((config) => {
    const rule = compileRule(config);
    const action = ACTIONS[config.action];
    return (labels: MutableLabels) => action(rule, labels);
  });
  return (labels) => steps.every((step) => step(labels));
}

function compileRule(config: RelabelConfig): Rule {
  const regex = compileAnchored(config.regex ?? '(.*)');
  if (regex === null) throw new TypeError(`"${config.regex}" is not a valid RE2 pattern`);
  return {
    sources: config.source_labels ?? [],
    separator: config.separator ?? ';',
    regex,
    modulus: BigInt(config.modulus ?? 0),
    target: config.target_label ?? '',
    replacement: config.replacement ?? '$1',
  };
}
