import { grown } from './grown.ts';
import type { ReadyGroup } from './ready-group.ts';

export const pharos: ReadyGroup = {
  alerts: [
    {
      alert: 'PharosEngineDown',
      severity: 'critical',
      expr: 'pharos_engine_up == 0',
      for: '2m',
      summary: 'The engine of Pharos does not answer',
      description:
        'What comes in is kept on disk until it does; what is asked for of more than the last hours cannot be answered.',
    },
    {
      alert: 'PharosIngestLate',
      severity: 'warning',
      expr: 'max without (signal) (pharos_journal_flush_lag_seconds) > 120',
      for: '5m',
      summary: 'Pharos stores what came in {{ $value | humanizeDuration }} late',
      description: 'It is safe on disk; logs, traces and old samples are found late.',
    },
    {
      alert: 'PharosIngestRefused',
      severity: 'critical',
      expr: `sum by (reason) (${grown('pharos_journal_refused_total', '5m')}) > 0`,
      for: '5m',
      summary: 'Pharos refuses what is sent to it ({{ $labels.reason }})',
      description: 'Senders were told to come again, for five minutes now.',
    },
    {
      alert: 'PharosDataPutAside',
      severity: 'critical',
      expr: `sum by (reason) (${grown('pharos_journal_quarantined_total', '1h')}) > 0`,
      summary: 'Pharos put data aside that it could not store ({{ $labels.reason }})',
      description: 'It lies in the directory "quarantine" of the data directory and is in no answer.',
    },
    {
      alert: 'PharosPartsBroken',
      severity: 'warning',
      expr: 'pharos_engine_detached_parts > 0',
      summary: 'Stored data does not read: {{ $value }} parts were set aside',
      description:
        'Their rows are in no answer. Their files lie in "detached" of their tables, which the log names; look after the disk, then attach or remove them.',
    },
    {
      alert: 'RuleFailing',
      severity: 'warning',
      // Without the engine all rules over log lines fail at once: that is one alert, and not theirs.
      expr: `sum by (rule_group) (${grown('pharos_rule_evaluation_failures_total', '10m')}) > 2.5 unless on () (min(min_over_time(pharos_engine_up[10m])) == 0)`,
      for: '5m',
      summary: 'Rules of {{ $labels.rule_group }} cannot be evaluated',
      description: 'Whatever they watch is not watched meanwhile. The rules page has the reason.',
    },
    {
      alert: 'RulesLate',
      severity: 'warning',
      expr: `sum by (rule_group) (${grown('pharos_rule_group_iterations_missed_total', '10m')}) > 2.5`,
      for: '5m',
      summary: 'Evaluations of {{ $labels.rule_group }} fall out',
      description: 'The group takes longer than its interval: alerts come late.',
    },
    {
      alert: 'NotificationsFailing',
      severity: 'critical',
      expr: `sum(${grown('pharos_alerts_decisions_total{outcome=~"failed|abandoned"}', '10m')}) > 0.5`,
      for: '2m',
      summary: 'Notifications do not arrive',
      description:
        'A receiver refused them for good, or could not be reached for too long. The delivery log says which.',
    },
    {
      alert: 'PharosConfigRejected',
      severity: 'warning',
      expr: 'pharos_config_last_reload_successful == 0',
      for: '5m',
      summary: 'The last reload of the configuration was refused',
      description: 'The one before it is still in force. The log names file, line and reason.',
    },
  ],
  runbook: {
    title: 'Pharos itself is not well',
    means:
      'Something keeps Pharos from taking in, storing, judging or telling. These alerts are about the watcher, not about what it watches.',
    look: [
      'Its own dashboard, "Pharos itself": engine, journal, queues, memory.',
      'The log of Pharos: each of these is logged with its reason.',
      'The machine: disk space and memory first.',
    ],
    act: [
      'Make room on the disk, or shorten retention.',
      'An engine that ends again and again: keep its data directory and its log, then restart Pharos.',
      'A receiver that refuses: correct its address or credentials and reload.',
    ],
    tune: 'Let these go to a receiver that does not depend on Pharos alone.',
  },
};
