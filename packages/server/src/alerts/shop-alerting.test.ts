import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { testRules } from './index.ts';
import { openTestAlertmanager } from './testing/open.ts';

const file = (name: string): string =>
  fileURLToPath(new URL(`../../../../shop/alerting/${name}`, import.meta.url));

describe("the shop's own alerting", () => {
  it('has a rule that does what its unit tests say', async () => {
    expect(await testRules(file('rules_test.yml'))).toEqual({ failures: [], warnings: [] });
  });

  it('wakes somebody for services and for Pharos itself, and for nothing else', async () => {
    const { alertmanager, stop } = await openTestAlertmanager(readFileSync(file('alertmanager.yml'), 'utf8'));
    const receivers = (alertname: string): readonly string[] =>
      alertmanager.receiversOf(new Map([['alertname', alertname]]));
    expect(['ServiceUnwell', 'PharosEngineDown', 'HighErrorRate'].map(receivers)).toEqual([
      ['on-call'],
      ['on-call'],
      ['notes'],
    ]);
    expect(alertmanager.config.warnings).toEqual([]);
    await stop();
  });
});
