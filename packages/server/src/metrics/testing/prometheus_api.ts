import { Notifications } from '../../kernel/notifications.ts';
import type { Lifecycle } from '../routes/prometheus-lifecycle.ts';
import type { RulesRetriever } from '../routes/prometheus-rules.ts';
import type { StatusFacts } from '../routes/prometheus-status.ts';

/** What the Prometheus API tells of a process that is not there, for tests of its routes. */
export function apiSurroundings(now: number): {
  readonly facts: StatusFacts;
  readonly notifications: Notifications;
  readonly lifecycle: Lifecycle;
  readonly adminEnabled: boolean;
  readonly rules: RulesRetriever;
  externalLabels(): Readonly<Record<string, string>>;
} {
  return {
    facts: {
      version: '3.1.0',
      revision: 'r',
      buildDate: 'd',
      runtime: 'node',
      startedAt: now,
      workingDirectory: '/',
      configYaml: () => 'a: 1\n',
      configState: () => ({ success: true, appliedAt: now }),
      features: () => ({ api: { admin: false } }),
      selfMetrics: () => Promise.resolve([]),
      flags: { port: '1' },
      retention: '15d',
      hostname: () => 'h',
      now: () => now,
    },
    notifications: new Notifications(() => now),
    lifecycle: { enabled: false, reload: () => Promise.resolve(), quit: () => {} },
    adminEnabled: false,
    rules: { groups: () => [], alertmanagers: () => [] },
    externalLabels: () => ({}),
  };
}
