import { dashboardErrors } from '../errors.ts';
import type { DashboardInput } from '../model.ts';
import { GRID_COLUMNS, type PanelInput } from '../panel-model.ts';
import { fillIn, type ImportContext, importContext, isGrafanaItself, sourceOf } from './context.ts';

import { colorOf, linkOf } from './fields.ts';
import { integer, isRecord, type Json, number, record, records, text, texts } from './json.ts';
import { heatmapUnit, panelOf, spanOf } from './panels.ts';
import { type ImportNote, ImportReport } from './report.ts';
import { variablesOf } from './variables.ts';

const MAX_PANELS = 500;
/** Height of an old row without one of its own: 250 px in units of 30 px with 8 px between. */
const OLD_ROW_HEIGHT = 7;

/**
 * Reads Grafana's dashboard JSON, schema versions 12 to 42, bare or as its API wraps it. What cannot be taken over is noted with its
 * place; nothing is dropped in silence.
 */
export function readGrafana(
  json: Json,
  inputs: Readonly<Record<string, string>>,
): { readonly input: Partial<DashboardInput> & { title: string }; readonly notes: readonly ImportNote[] } {
  const bare = isRecord(json['dashboard']) ? json['dashboard'] : json;
  if (isRecord(bare['spec']) && isRecord(record(bare['spec'])['elements'])) {
    throw dashboardErrors.make(
      'notADashboard',
      "json: this is a dashboard of Grafana's schema v2; export it in the classic form (schema v1)",
    );
  }
  if (!Array.isArray(bare['panels']) && !Array.isArray(bare['rows'])) {
    throw dashboardErrors.make(
      'notADashboard',
      'json.panels: expected a list of panels, as Grafana writes it',
    );
  }
  const report = new ImportReport();
  const context = importContext(bare, inputs, report);
  const version = number(bare['schemaVersion']);
  if (version !== undefined && version > 42)
    report.changed(
      `its schema version ${version} is newer than 42, the last one known; some settings may be missed`,
    );
  const input = {
    uid: text(bare['uid'], '', 64),
    title: fillIn(text(bare['title'], '', 300).trim(), context) || 'Imported dashboard',
    description: text(bare['description'], '', 5000),
    tags: [...new Set(texts(bare['tags'], 100).map((tag) => tag.trim()))].filter(Boolean).slice(0, 50),
    zone: bare['timezone'] === 'utc' ? ('utc' as const) : ('reader' as const),
    time: timeOf(bare, report),
    refresh: refreshOf(bare['refresh']),
    variables: variablesOf(bare, context),
    annotations: annotationsOf(bare, context),
    links: linksOf(bare, context),
    panels: panelsOf(bare, context),
  };
  return { input, notes: report.notes };
}

function refreshOf(value: unknown): string {
  const wanted = text(value);
  return value === false || wanted === '' ? '' : /^(\d+[smhd])+$/.test(wanted) ? wanted : '';
}

function timeOf(bare: Json, report: ImportReport): NonNullable<DashboardInput['time']> {
  const time = record(bare['time']);
  const from = text(time['from']);
  const to = text(time['to'], 'now');
  if (from === '') return {};
  const back = /^now-(\d+)([smhdw])$/.exec(from);
  if (back !== null && to === 'now') return { range: `${back[1]}${back[2]}` };
  const fixed = [from, to].map((at) => (/^\d{12,}$/.test(at) ? Number(at) : Date.parse(at)));
  const [start, end] = fixed;
  if (start !== undefined && end !== undefined && end > start) return { from: start, to: end };
  const months = /^now-(\d+)([My])$/.exec(from);
  const range = months === null ? '24h' : `${Number(months[1]) * (months[2] === 'M' ? 30 : 365)}d`;
  report.changed(`the time range "${from}" to "${to}" is now the last ${range}`);
  return { range };
}

function annotationsOf(bare: Json, context: ImportContext): NonNullable<DashboardInput['annotations']> {
  return records(record(bare['annotations'])['list'])
    .slice(0, 50)
    .flatMap((entry): NonNullable<DashboardInput['annotations']> => {
      const name = text(entry['name'], 'annotations', 200);
      return context.report.at(`annotation "${name}"`, (): NonNullable<DashboardInput['annotations']> => {
        const common = {
          name,
          enabled: entry['enable'] !== false,
          hidden: entry['hide'] === true,
          color: colorOf(entry['iconColor']) ?? 'blue',
        };
        const own = entry['builtIn'] === 1 || isGrafanaItself(entry['datasource']);
        const wanted = texts(record(entry['target'])['tags'] ?? entry['tags'], 100);
        if (own) return [{ ...common, kind: 'events' as const, tags: wanted.slice(0, 50) }];
        const expr = fillIn(text(entry['expr']) || text(record(entry['target'])['expr']), context);
        if (sourceOf(entry['datasource'], context) !== 'metrics' || expr === '') {
          context.report.lost('it asks something else than metrics');
          return [];
        }
        return [
          {
            ...common,
            kind: 'query' as const,
            expr,
            title: text(entry['titleFormat'], '', 500),
            text: text(entry['textFormat']),
            step: text(entry['step'], '', 20),
          },
        ];
      });
    });
}

function linksOf(bare: Json, context: ImportContext): NonNullable<DashboardInput['links']> {
  return records(bare['links'])
    .slice(0, 50)
    .flatMap((entry) =>
      context.report.at(`link "${text(entry['title'], '', 80)}"`, () => {
        const isList = entry['type'] === 'dashboards';
        const plain = linkOf({ ...entry, url: isList ? '' : entry['url'] }, context);
        if (plain === null) return [];
        return [
          {
            ...plain,
            type: isList ? ('dashboards' as const) : ('link' as const),
            tags: texts(entry['tags'], 100).slice(0, 50),
            keepTime: entry['keepTime'] === true,
            keepVariables: entry['includeVars'] === true,
          },
        ];
      }),
    );
}

/** All panels in one list, rows among them, with ids of their own. */
function panelsOf(bare: Json, context: ImportContext): PanelInput[] {
  const found =
    Array.isArray(bare['panels']) && bare['panels'].length > 0
      ? flat(records(bare['panels']), context)
      : oldRows(records(bare['rows']), context);
  if (found.length > MAX_PANELS) {
    context.report.lost(`${found.length - MAX_PANELS} panels beyond the first ${MAX_PANELS}`);
    found.length = MAX_PANELS;
  }
  const taken = new Set<number>();
  let next = Math.max(0, ...found.map(({ id }) => id));
  return found.map((panel) => {
    const id = panel.id === 0 || taken.has(panel.id) ? ++next : panel.id;
    taken.add(id);
    return { ...panel, id };
  });
}

function withUnit(json: Json): Json {
  const unit = json['type'] === 'heatmap' ? heatmapUnit(json) : '';
  const fieldConfig = record(json['fieldConfig']);
  const defaults = record(fieldConfig['defaults']);
  if (unit === '' || text(defaults['unit']) !== '') return json;
  return { ...json, fieldConfig: { ...fieldConfig, defaults: { ...defaults, unit } } };
}

function one(json: Json, context: ImportContext): PanelInput {
  const reference = record(json['libraryPanel']);
  const uid = text(reference['uid']);
  if (uid === '') return panelOf(withUnit(json), context);
  const model = record(
    record(Object.hasOwn(context.library, uid) ? context.library[uid] : undefined)['model'],
  );
  if (model['type'] !== undefined)
    return panelOf(withUnit({ ...model, id: json['id'], gridPos: json['gridPos'] }), context);
  return context.report.at(`panel "${text(reference['name'], '', 80)}"`, () => {
    context.report.lost('it is a library panel, and the file does not bring it along');
    return panelOf({ ...json, type: 'library panel', title: text(reference['name']) }, context);
  });
}

function rowOf(json: Json, y: number, collapsed: boolean): PanelInput {
  const repeated = text(json['repeat'], '', 100);
  return {
    id: integer(json['id'], 0, 100_000_000) ?? 0,
    type: 'row',
    title: text(json['title'], '', 500),
    grid: { x: 0, y, w: GRID_COLUMNS, h: 1 },
    ...(repeated === '' ? {} : { repeat: { variable: repeated } }),
    options: { collapsed },
  };
}

/**
 * Grafana keeps the panels of a collapsed row inside it, with the places they had; they come behind the row, and what follows
 * moves down.
 */
function flat(panels: readonly Json[], context: ImportContext): PanelInput[] {
  const made: PanelInput[] = [];
  let shift = 0;
  const ordered = panels.toSorted((a, b) => placeY(a) - placeY(b));
  for (const json of ordered) {
    if (json['type'] !== 'row') {
      const panel = one(json, context);
      made.push({ ...panel, grid: { ...panel.grid, y: panel.grid.y + shift } });
      continue;
    }
    const y = placeY(json) + shift;
    made.push(rowOf(json, y, json['collapsed'] === true));
    const inside = records(json['panels']).map((child) => one(child, context));
    if (inside.length === 0) continue;
    const top = Math.min(...inside.map(({ grid }) => grid.y));
    const height = Math.max(...inside.map(({ grid }) => grid.y + grid.h)) - top;
    for (const child of inside)
      made.push({ ...child, grid: { ...child.grid, y: child.grid.y - top + y + 1 } });
    shift += height;
  }
  return made;
}

function placeY(json: Json): number {
  return integer(record(json['gridPos'])['y'], 0, 50_000) ?? 0;
}

/** Until version 16 panels stood in rows of 12 columns, as wide as their span. */
function oldRows(rows: readonly Json[], context: ImportContext): PanelInput[] {
  const made: PanelInput[] = [];
  let y = 0;
  const titled = rows.some(
    (row) => row['showTitle'] === true || row['collapse'] === true || text(row['repeat']) !== '',
  );
  for (const row of rows) {
    if (titled) {
      made.push(rowOf(row, y, row['collapse'] === true));
      y += 1;
    }
    const height = oldHeight(row['height']) ?? OLD_ROW_HEIGHT;
    let x = 0;
    let lowest = y;
    for (const json of records(row['panels'])) {
      const w = spanOf(json);
      if (x + w > GRID_COLUMNS) {
        x = 0;
        y = lowest;
      }
      const h = oldHeight(json['height']) ?? height;
      made.push(one({ ...json, gridPos: { x, y, w, h } }, context));
      x += w;
      lowest = Math.max(lowest, y + h);
    }
    y = lowest;
  }
  return made;
}

/** Pixels (`250` or `"250px"`) in grid units. */
function oldHeight(value: unknown): number | undefined {
  const pixels = number(typeof value === 'string' ? value.replace('px', '') : value);
  return pixels === undefined ? undefined : Math.max(3, Math.min(100, Math.ceil((pixels + 8) / 38)));
}
