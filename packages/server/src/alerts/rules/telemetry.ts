import type { Telemetry } from '../../kernel/telemetry.ts';
import { groupKey, type RuleGroup } from './definition.ts';

type GroupName = Pick<RuleGroup, 'file' | 'name'>;

/** What rules tell of their evaluation; groups are `file;name`, as many as the rule files have. */
export interface RulesTelemetry {
  evaluated(group: GroupName, seconds: number): void;
  failed(group: GroupName): void;
  /** One evaluation of a group is over. */
  iterated(group: GroupName, seconds: number, samples: number): void;
  missed(group: GroupName, iterations: number): void;
  /** How late an evaluation began. */
  lag(seconds: number): void;
  rejected(reason: string, samples: number): void;
  sent(alerts: number): void;
  /** Removes what is told of a group that is gone. */
  forget(group: GroupName): void;
}

export interface RulesGauges {
  groups(): readonly { readonly group: RuleGroup; readonly intervalMs: number }[];
  alerts(): Readonly<Record<'pending' | 'firing', number>>;
}

const LABEL = ['rule_group'] as const;

export function rulesTelemetry(telemetry: Telemetry, gauges: RulesGauges): RulesTelemetry {
  const counter = (name: string, help: string) => telemetry.counter({ name, help, labels: LABEL });
  const evaluations = counter('pharos_rule_evaluations_total', 'Evaluations of rules.');
  const failures = counter('pharos_rule_evaluation_failures_total', 'Evaluations of rules that failed.');
  const iterations = counter(
    'pharos_rule_group_iterations_total',
    'Evaluations of rule groups that were due, missed ones among them.',
  );
  const missed = counter(
    'pharos_rule_group_iterations_missed_total',
    'Evaluations of rule groups that did not take place, because the one before took too long.',
  );
  const last = telemetry.gauge({
    name: 'pharos_rule_group_last_duration_seconds',
    help: 'Time the last evaluation of a rule group took.',
    labels: LABEL,
  });
  const samples = telemetry.gauge({
    name: 'pharos_rule_group_last_evaluation_samples',
    help: 'Samples the last evaluation of a rule group gave.',
    labels: LABEL,
  });
  const duration = telemetry.histogram({
    name: 'pharos_rule_evaluation_duration_seconds',
    help: 'Time the evaluation of a rule took.',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10],
  });
  const lag = telemetry.histogram({
    name: 'pharos_rule_group_lag_seconds',
    help: 'How late evaluations of rule groups began.',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60],
  });
  const rejected = telemetry.counter({
    name: 'pharos_rule_samples_rejected_total',
    help: 'Samples of rules that were not stored, by reason.',
    labels: ['reason'],
  });
  const sent = telemetry.counter({
    name: 'pharos_rule_alerts_sent_total',
    help: 'Alerts that rules have handed on, repeats among them.',
  });
  observe(telemetry, gauges);
  const labelled = (group: GroupName) => ({ rule_group: groupKey(group) });
  return {
    evaluated: (group, seconds) => {
      evaluations.inc(labelled(group));
      duration.observe(seconds);
    },
    failed: (group) => failures.inc(labelled(group)),
    iterated: (group, seconds, count) => {
      iterations.inc(labelled(group));
      last.set(labelled(group), seconds);
      samples.set(labelled(group), count);
    },
    missed: (group, count) => {
      missed.inc(labelled(group), count);
      iterations.inc(labelled(group), count);
    },
    lag: (seconds) => lag.observe(seconds),
    rejected: (reason, count) => rejected.inc({ reason }, count),
    sent: (count) => sent.inc(count),
    forget: (group) => {
      for (const metric of [evaluations, failures, iterations, missed]) metric.remove(labelled(group));
      for (const metric of [last, samples]) metric.remove(labelled(group));
    },
  };
}

function observe(telemetry: Telemetry, gauges: RulesGauges): void {
  telemetry.gauge({
    name: 'pharos_rule_group_rules',
    help: 'Rules of a rule group.',
    labels: LABEL,
    collect: (gauge) => {
      gauge.reset();
      for (const { group } of gauges.groups()) gauge.set({ rule_group: groupKey(group) }, group.rules.length);
    },
  });
  telemetry.gauge({
    name: 'pharos_rule_group_interval_seconds',
    help: 'Time between two evaluations of a rule group.',
    labels: LABEL,
    collect: (gauge) => {
      gauge.reset();
      for (const { group, intervalMs } of gauges.groups())
        gauge.set({ rule_group: groupKey(group) }, intervalMs / 1000);
    },
  });
  telemetry.gauge({
    name: 'pharos_rule_alerts',
    help: 'Alerts of all rules by state.',
    labels: ['state'],
    collect: (gauge) => {
      for (const [state, count] of Object.entries(gauges.alerts())) gauge.set({ state }, count);
    },
  });
}
