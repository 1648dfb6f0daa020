import { z } from 'zod';
import { dashboardErrors } from './errors.ts';
import { readGrafana } from './grafana/import.ts';
import { isRecord } from './grafana/json.ts';
import type { ImportNote } from './grafana/report.ts';
import type { RandomId } from './ids.ts';
import { type Dashboard, dashboard, UID } from './model.ts';

export interface Imported {
  readonly dashboard: Dashboard;
  readonly notes: readonly ImportNote[];
}

/**
 * Reads a dashboard from outside: Pharos' own JSON is held against the model, anything else is taken for Grafana's.
 * @throws `dashboards.notADashboard` naming the first problem.
 */
export function importDashboard(
  json: unknown,
  inputs: Readonly<Record<string, string>>,
  newUid: RandomId,
): Imported {
  if (!isRecord(json)) {
    throw dashboardErrors.make(
      'notADashboard',
      `json: expected an object, got ${json === null ? 'null' : typeof json}`,
    );
  }
  if (json['model'] !== undefined) return { dashboard: check(json), notes: [] };
  const { input, notes } = readGrafana(json, inputs);
  const uid = typeof input.uid === 'string' && UID.test(input.uid) ? input.uid : newUid();
  return { dashboard: check({ ...input, uid }), notes };
}

function check(value: unknown): Dashboard {
  const parsed = dashboard.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw dashboardErrors.make(
    'notADashboard',
    `json.${issue?.path.join('.') ?? ''}: ${issue?.message ?? z.prettifyError(parsed.error)}`,
  );
}
