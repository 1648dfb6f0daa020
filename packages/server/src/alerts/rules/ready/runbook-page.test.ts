import { expect, it } from 'vitest';
import { READY_GROUPS } from './registry.ts';
import { runbookHtml, runbooksHtml } from './runbook-page.ts';

it('has a page about each group, that names its alerts, and a list of all', () => {
  for (const [name, group] of Object.entries(READY_GROUPS)) {
    const page = runbookHtml(group);
    for (const { alert } of group.alerts) expect(page).toContain(`<h3 id="${alert}">`);
    expect(runbooksHtml(READY_GROUPS)).toContain(`href="runbooks/${name}"`);
  }
});

it('writes expressions as text', () => {
  const group = READY_GROUPS['errors'];
  if (group === undefined) throw new Error('there are rules about errors');
  expect(runbookHtml(group)).toContain('status=~&quot;5..&quot;');
  expect(runbookHtml(group)).toContain('&gt; 0.05');
});
