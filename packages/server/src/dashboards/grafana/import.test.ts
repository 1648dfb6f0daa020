import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dashboardErrors } from '../errors.ts';
import { importDashboard } from '../exchange.ts';
import type { Dashboard } from '../model.ts';
import type { DataPanel, Panel } from '../panel-model.ts';
import { exportGrafana } from './export.ts';

const FOLDER = new URL('./testdata/', import.meta.url);
const read = (name: string): object => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
const load = (json: unknown) => importDashboard(json, {}, () => 'made');
const names = readdirSync(FOLDER).map((file) => file.replace('.json', ''));
const panel = (dashboard: Dashboard, title: string): Panel => {
  const found = dashboard.panels.find((p) => p.title === title);
  if (found === undefined) throw new Error(`no panel "${title}"`);
  return found;
};
const data = (dashboard: Dashboard, title: string): DataPanel => panel(dashboard, title) as DataPanel;

/** A minimal dashboard of today around some panels. */
const around = (...panels: object[]) =>
  load({
    title: 'x',
    schemaVersion: 39,
    panels: panels.map((p) => ({ gridPos: { x: 0, y: 0, w: 12, h: 8 }, ...p })),
  });

describe('import of Grafana dashboards', () => {
  it('covers ten dashboards from schema version 14 to 41', () => {
    const versions = names.map((name) => (read(name) as { schemaVersion: number }).schemaVersion);
    expect([names.length, Math.min(...versions), Math.max(...versions)]).toEqual([10, 14, 41]);
  });

  it.each(names)('%s: every panel and query is there or in the report', (name) => {
    const { dashboard, notes } = load(read(name));
    const text = JSON.stringify(read(name));
    const exprs = [...text.matchAll(/"expr":\s*"((?:[^"\\]|\\.)+)"/g)].map(([, expr]) =>
      JSON.parse(`"${expr}"`),
    );
    const kept = new Set(
      dashboard.panels.flatMap((p) => ('queries' in p ? p.queries.map((q) => q.expr) : [])),
    );
    for (const annotation of dashboard.annotations) kept.add(annotation.expr);
    const original = JSON.stringify(dashboard.panels.filter((p) => p.type === 'unsupported'));
    for (const expr of exprs)
      expect(kept.has(expr) || original.includes(JSON.stringify(expr).slice(1, -1)), expr).toBe(true);
    for (const p of dashboard.panels.filter(({ type }) => type === 'unsupported'))
      expect(notes.map(({ where }) => where)).toContain(`panel "${p.title}" (${p.id})`);
    expect(dashboard.panels.every((p) => p.grid.x + p.grid.w <= 24)).toBe(true);
  });

  it.each(names)('%s: what is exported imports again as the same', (name) => {
    const { dashboard } = load(read(name));
    const again = load(exportGrafana(dashboard));
    const plain = (d: Dashboard) => JSON.parse(JSON.stringify(d));
    const settle = (d: Dashboard) => ({
      ...plain(d),
      folder: '',
      refresh: '',
      annotations: plain(d).annotations.map(({ name: n, kind, expr }: Dashboard['annotations'][number]) => [
        n,
        kind,
        expr,
      ]),
      // Grafana has no word for these.
      panels: plain(d).panels.map((p: DataPanel) => [
        p.id,
        p.type,
        p.title,
        p.grid,
        p.queries,
        p.transformations,
        p.field?.unit,
        p.repeat,
      ]),
    });
    expect(settle(again.dashboard)).toEqual(settle(dashboard));
  });

  it('turns old rows into places on the grid', () => {
    const { dashboard } = load(read('node-server-rows'));
    const at = (title: string) => panel(dashboard, title).grid;
    expect([at('Uptime'), at('Cores')]).toEqual([
      { x: 0, y: 1, w: 6, h: 3 },
      { x: 6, y: 1, w: 6, h: 3 },
    ]);
    expect([at('CPU and memory').y, at('CPU').y, at('Network and disk').y]).toEqual([4, 5, 12]);
    expect(panel(dashboard, 'Network and disk')).toMatchObject({ type: 'row', options: { collapsed: true } });
    expect([at('Network'), at('Disk I/O').y]).toEqual([{ x: 0, y: 13, w: 24, h: 7 }, 20]);
  });

  it('reads the old graph: axes, overrides, colours, stacking, thresholds, alert', () => {
    const { dashboard, notes } = load(read('prometheus-overview'));
    expect(data(dashboard, 'Scrape duration').field).toMatchObject({
      unit: 's',
      min: 0,
      thresholds: {
        steps: [
          { value: null, color: 'transparent' },
          { value: 10, color: 'red' },
        ],
      },
      draw: { thresholds: 'line', fill: 10, width: 1 },
    });
    expect(notes).toContainEqual(
      expect.objectContaining({
        kind: 'lost',
        where: 'panel "Queries" (7)',
        what: expect.stringContaining('alert'),
      }),
    );
    const disk = data(load(read('node-server-rows')).dashboard, 'Disk I/O');
    expect(disk.overrides[0]).toMatchObject({
      match: { by: 'regex', value: 'busy' },
      set: { unit: 'percentunit', draw: { axis: 'right', fill: 0, width: 2 } },
    });
  });

  it('reads singlestats as figures and dials, with their mappings', () => {
    const { dashboard } = load(read('blackbox'));
    expect(data(dashboard, 'Status')).toMatchObject({
      type: 'stat',
      options: { color: 'background', calc: 'lastNotNull', graph: 'none' },
      field: {
        mappings: [
          { type: 'special', match: 'null', text: 'N/A' },
          { type: 'value', value: '1', text: 'UP' },
          { type: 'value', value: '0', text: 'DOWN' },
        ],
        thresholds: { steps: [{ value: null }, { value: 1 }, { value: 1 }] },
      },
    });
    expect(panel(load(read('prometheus-overview')).dashboard, 'Upness (all)').type).toBe('gauge');
  });

  it('fills in constants of the file, or what the reader gives for them', () => {
    expect(load(read('blackbox')).dashboard.tags).toEqual(['blackbox', '${VAR_TEAM}']);
    const json = {
      __inputs: [{ name: 'VAR_JOB', type: 'constant', value: 'api' }],
      title: 'of ${VAR_JOB}',
      panels: [{ id: 1, type: 'stat', targets: [{ expr: 'up{job="${VAR_JOB}"}' }] }],
    };
    expect(load(json).dashboard.title).toBe('of api');
    const { dashboard } = importDashboard(json, { VAR_JOB: 'web' }, () => 'made');
    expect(data(dashboard, '').queries[0]?.expr).toBe('up{job="web"}');
  });

  it('keeps rows, their panels and repeats of collapsed rows apart', () => {
    const { dashboard } = load(read('node-exporter-full'));
    const order = dashboard.panels.toSorted((a, b) => a.grid.y - b.grid.y || a.grid.x - b.grid.x);
    const row = order.findIndex(({ title }) => title === 'CPU / Memory / Net / Disk');
    expect(order.slice(row, row + 5).map(({ title }) => title)).toEqual([
      'CPU / Memory / Net / Disk',
      'Network Traffic',
      'Disk IOps',
      'I/O Utilization',
      'Memory Meminfo',
    ]);
    expect(panel(load(read('kubernetes-views')).dashboard, 'Workloads of $namespace').repeat?.variable).toBe(
      'namespace',
    );
  });

  it('names what cannot be taken over', () => {
    const { notes, dashboard } = load(read('go-processes'));
    const said = notes.map(({ kind, where, what }) => `${kind}: ${where}: ${what}`).join('\n');
    expect(said).toMatch(/changed: panel "Memory by class" \(\d+\): a pie is shown as bars/);
    expect(said).toMatch(/lost: panel "Memory by class" \(\d+\), query C: it computes over other queries/);
    expect(said).toMatch(/lost: panel "Processes" \(\d+\): an override for fields chosen by "byValue"/);
    expect(said).toMatch(/lost: panel "Processes" \(\d+\): the transformation "configFromData"/);
    expect(said).toMatch(/changed: panel "About" \(\d+\): HTML is shown as plain text/);
    expect(panel(dashboard, 'About')).toMatchObject({
      options: { mode: 'plain', content: 'Go\nRuntime & process' },
    });
    expect(panel(dashboard, 'Goroutines').type).toBe('timeseries');
    const adhoc = load(read('jvm-micrometer')).notes.find(({ where }) => where === 'variable "Filters"');
    expect(adhoc?.what).toContain('ad hoc');
  });

  it('keeps no address that could run code', () => {
    const { dashboard, notes } = around({
      id: 1,
      type: 'stat',
      links: [
        { title: 'bad', url: 'javascript:alert(1)' },
        { title: 'worse', url: '//evil.example' },
        { title: 'other', url: '/d/abc/slug?var-x=1' },
      ],
    });
    expect(panel(dashboard, '').links).toEqual([
      { title: 'other', url: '/dashboards/abc?var-x=1', newTab: false },
    ]);
    expect(notes.filter(({ what }) => what.includes('link'))).toHaveLength(2);
  });

  it('reads variables of every kind', () => {
    const { dashboard } = load({
      title: 'x',
      panels: [],
      templating: {
        list: [
          {
            name: 'a',
            type: 'custom',
            query: 'one : 1, two : 2, th\\,ree',
            includeAll: true,
            current: { value: ['$__all'] },
            multi: true,
          },
          {
            name: 'b',
            type: 'interval',
            query: '1m,10m',
            auto: true,
            auto_count: 20,
            auto_min: '30s',
            current: { value: '$__auto_interval_b' },
          },
          { name: 'c', type: 'constant', query: 'fixed' },
          { name: 'd', type: 'textbox', query: 'typed' },
          {
            name: 'e',
            type: 'query',
            query: { query: 'label_values(up, job)' },
            sort: 3,
            refresh: 2,
            hide: 2,
          },
          {
            name: 'f',
            type: 'query',
            datasource: { type: 'influxdb' },
            query: 'SHOW',
            current: { value: 'kept' },
          },
          { name: 'bad name', type: 'custom' },
        ],
      },
    });
    expect(dashboard.variables).toMatchObject([
      {
        options: [
          { value: '1', text: 'one' },
          { value: '2', text: 'two' },
          { value: 'th,ree', text: 'th,ree' },
        ],
        current: ['$__all'],
      },
      { values: ['1m', '10m'], auto: { steps: 20, min: '30s' }, current: ['$__auto'] },
      { value: 'fixed' },
      { current: ['typed'] },
      { query: 'label_values(up, job)', sort: 'number', refresh: 'range', hide: 'variable' },
      { type: 'textbox', current: ['kept'] },
    ]);
  });

  it('never breaks on JSON of any shape, and what it makes is always a dashboard', () => {
    const json = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(
          'graph',
          'row',
          'stat',
          '__proto__',
          '$x',
          '',
          null,
          true,
          -1,
          1e9,
          'now-1h',
          'query',
        ),
        fc.string(),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(
          fc.constantFrom(
            'panels',
            'rows',
            'type',
            'gridPos',
            'x',
            'w',
            'h',
            'id',
            'targets',
            'expr',
            'refId',
            'templating',
            'list',
            'name',
            'fieldConfig',
            'defaults',
            'overrides',
            'custom',
            'thresholds',
            'steps',
            'mappings',
            'options',
            'matcher',
            'properties',
            'value',
            'color',
            'links',
            'url',
            'annotations',
            'time',
            'from',
            'datasource',
            'styles',
            'yaxes',
            'seriesOverrides',
            'transformations',
            '__inputs',
            '__proto__',
          ),
          tie('any'),
          { maxKeys: 6 },
        ),
      ),
    })).any;
    fc.assert(
      fc.property(
        fc.array(json, { maxLength: 4 }),
        fc.array(json, { maxLength: 3 }),
        json,
        (panels, list, more) => {
          try {
            load({
              ...(typeof more === 'object' && !Array.isArray(more) ? more : {}),
              title: 'x',
              panels,
              templating: { list },
            });
          } catch (error) {
            if (!dashboardErrors.is(error, 'notADashboard')) throw error;
            // Only shapes that are no classic dashboard at all may be refused.
            expect(error.message).toMatch(/schema v2|expected a list of panels/);
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});
