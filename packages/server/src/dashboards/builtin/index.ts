import { type Dashboard, dashboard } from '../model.ts';
import { businessOperations } from './business-operations.ts';
import { host } from './host.ts';
import { kubernetes } from './kubernetes.ts';
import { pharos } from './pharos.ts';
import { systemHealth } from './system-health.ts';

/** The dashboards that come with Pharos, in the order of their making. */
export function builtInDashboards(): readonly Dashboard[] {
  return [systemHealth, businessOperations, host, kubernetes, pharos].map((made) => dashboard.parse(made()));
}
