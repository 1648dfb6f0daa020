import { z } from 'zod';
import type { HttpApp } from '../../http/types.ts';
import { isSent } from '../config/receivers/sent-kinds.ts';
import { formatMatcher } from '../matchers/matcher.ts';
import { integrationName } from '../pipeline/parcel.ts';
import type { RouteNode } from '../routes/tree.ts';
import type { PagesOptions } from './pages-api.ts';

const node = z.object({
  id: z.string().describe('As in decisions and in `routes/test`.'),
  depth: z.number().describe('0 is the root; the nodes below one follow it.'),
  receiver: z.string(),
  matchers: z.array(z.string()),
  continues: z.boolean().describe('After a match here the next nodes of the level are looked at, too.'),
  group_by: z.array(z.string()).describe('`...`: each alert is a group of its own.'),
  group_wait_ms: z.number(),
  group_interval_ms: z.number(),
  repeat_interval_ms: z.number(),
  mute_time_intervals: z.array(z.string()),
  active_time_intervals: z.array(z.string()),
});
const tree = z.object({
  routes: z.array(node),
  receivers: z.array(
    z.object({
      name: z.string(),
      integrations: z.array(
        z.object({ name: z.string(), sent: z.boolean().describe('False: Pharos skips this kind.') }),
      ),
    }),
  ),
  inhibit_rules: z.number(),
});

/** The routing tree as it is in force, depth first. */
export function treeRoutes(app: HttpApp, { alertmanager }: PagesOptions): void {
  app.get(
    '/api/v1/alerting/routes',
    {
      schema: {
        tags: ['alerts'],
        summary: 'The tree of routes, depth first, and the receivers',
        response: { 200: tree },
      },
    },
    () => ({
      routes: nodesOf(alertmanager.root, 0),
      receivers: alertmanager.config.receivers.map(({ name, integrations }) => ({
        name,
        integrations: integrations.map((one) => ({ name: integrationName(one), sent: isSent(one.entry) })),
      })),
      inhibit_rules: alertmanager.config.inhibitRules.length,
    }),
  );
}

function nodesOf(
  { id, matchers, continue: continues, options, children }: RouteNode,
  depth: number,
): z.output<typeof node>[] {
  const { receiver, groupBy, isGroupedByAll, groupWaitMs, groupIntervalMs, repeatIntervalMs } = options;
  const own = {
    id,
    depth,
    receiver,
    matchers: matchers.map(formatMatcher),
    continues,
    group_by: isGroupedByAll ? ['...'] : [...groupBy],
    group_wait_ms: groupWaitMs,
    group_interval_ms: groupIntervalMs,
    repeat_interval_ms: repeatIntervalMs,
    mute_time_intervals: [...options.muteTimeIntervals],
    active_time_intervals: [...options.activeTimeIntervals],
  };
  return [own, ...children.flatMap((child) => nodesOf(child, depth + 1))];
}
