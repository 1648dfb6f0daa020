import type { Labels } from '@pharos/promql';
import type { Rule } from '../definition.ts';
import type { Alert } from './alert.ts';

/** A series a rule writes; the ref is the store's, below 0 while there is none. */
export interface WrittenSeries {
  readonly labels: Labels;
  ref: number;
}

type RuleHealth = 'unknown' | 'ok' | 'err';

/** What is known of a rule between its evaluations. Times in ms. */
export interface RuleState {
  readonly rule: Rule;
  /** By the key of their labels; of a recording rule none. */
  alerts: ReadonlyMap<string, Alert>;
  /** Whether the state of an earlier process was taken over, so that it may be written over. */
  restored: boolean;
  /** What the last evaluation wrote, by the key of the labels. */
  series: ReadonlyMap<string, WrittenSeries>;
  /** How often its query had an answer since it is evaluated here. */
  answers: number;
  health: RuleHealth;
  lastError: string | null;
  evaluationMs: number;
  /** Null before the first. */
  lastEvaluation: number | null;
}

/** What is known of a group between its evaluations. Times in ms. */
export interface GroupState {
  readonly rules: readonly RuleState[];
  /** Of rules that are gone: they end with the next evaluation. */
  ending: readonly WrittenSeries[];
  evaluationMs: number;
  lastEvaluation: number | null;
}

export function freshRule(rule: Rule, restored: boolean): RuleState {
  return {
    rule,
    alerts: new Map(),
    restored,
    series: new Map(),
    answers: 0,
    health: 'unknown',
    lastError: null,
    evaluationMs: 0,
    lastEvaluation: null,
  };
}

export function freshGroup(rules: readonly Rule[], restored: boolean): GroupState {
  return {
    rules: rules.map((rule) => freshRule(rule, restored)),
    ending: [],
    evaluationMs: 0,
    lastEvaluation: null,
  };
}
