import { expect, it } from 'vitest';
import { dashboard } from '../model.ts';
import { systemHealth } from './system-health.ts';

const { panels } = dashboard.parse(systemHealth());
const panelOf = (title: string) => JSON.stringify(panels.find((panel) => panel.title === title));

it('says of each service what Pharos says of it, and counts only those that are healthy', () => {
  const states = panelOf('State of each service');
  for (const word of ['healthy', 'degraded', 'unhealthy']) expect(states).toContain(`"text":"${word}"`);
  expect(states).toContain('pharos_service_health{service=~');
  expect(panelOf('Healthy services')).toMatch(/count\(\(max by .*\) == 0\) or vector\(0\)/);
});
