import { useMemo, useState } from 'react';
import { valueColor } from '../field/colors.ts';
import { settingsOf, show } from '../field/settings.ts';
import { type FieldSettings, optionText } from '../model.ts';
import { type Cell, type Field, rowCount, type Table } from '../transform/table.ts';
import { fillUrl, type Values } from '../vars/interpolate.ts';
import { tablesOf, type VizProps } from './props.ts';
import styles from './viz.module.css';

interface Column {
  readonly field: Field;
  readonly title: string;
  readonly settings: FieldSettings;
  readonly low: number;
  readonly high: number;
}
interface Sorting {
  readonly name: string;
  readonly descending: boolean;
}
/** More rows than a reader can use; the rest is one click away. */
const PAGE = 100;

function columnsOf(table: Table | undefined, { panel }: VizProps): readonly Column[] {
  return (table?.fields ?? []).flatMap((field) => {
    const settings = settingsOf(panel.field, panel.overrides, {
      name: field.name,
      ref: field.ref,
      kind: field.kind,
    });
    if (settings.column?.hidden === true || settings.hidden === true) return [];
    const numbers = Array.from(field.values).filter((value) => typeof value === 'number');
    const title = settings.displayName ?? field.name;
    return [
      {
        field,
        title,
        settings,
        low: settings.min ?? 0,
        high: settings.max ?? numbers.reduce((a, b) => Math.max(a, b), 0),
      },
    ];
  });
}

/** What has no value comes last, whatever the direction. */
function compare(a: Cell, b: Cell, descending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return descending ? -ascending(a, b) : ascending(a, b);
}

function ascending(a: number | string, b: number | string): number {
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : String(a).localeCompare(String(b), 'en', { numeric: true });
}

/** The first table of the answers, sortable. */
export function TableView(props: VizProps) {
  const { panel, data, values, zone } = props;
  const tables = useMemo(() => tablesOf(panel, data), [panel, data.frames]);
  const [picked, setPicked] = useState(0);
  const [pages, setPages] = useState(1);
  const saved: Sorting = {
    name: optionText(panel, 'sortBy'),
    descending: panel.options['descending'] === true,
  };
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const table = tables[picked] ?? tables[0];
  const columns = columnsOf(table, props);
  const by = sorting ?? saved;
  const key = columns.find(({ title, field }) => title === by.name || field.name === by.name)?.field;
  const rows = useMemo(() => {
    const all = Array.from({ length: table === undefined ? 0 : rowCount(table) }, (_, row) => row);
    if (key === undefined) return all;
    return all.sort((a, b) => compare(key.values[a] ?? null, key.values[b] ?? null, by.descending));
  }, [table, key, by.descending]);
  return (
    <div className={styles['scroll']} tabIndex={0} role="region" aria-label={panel.title || 'Table'}>
      {tables.length > 1 && (
        <label>
          <span className="sr-only">Table</span>
          <select value={picked} onChange={(event) => setPicked(Number(event.currentTarget.value))}>
            {tables.slice(0, 100).map((one, index) => (
              <option key={index} value={index}>
                {one.fields.find(({ kind }) => kind === 'number')?.name ?? one.ref}
              </option>
            ))}
          </select>
        </label>
      )}
      <table className={styles['table']}>
        {panel.options['header'] !== false && (
          <thead>
            <tr>
              {columns.map(({ title, field }) => (
                <th
                  key={title}
                  style={{ textAlign: field.kind === 'number' ? 'right' : 'left' }}
                  aria-sort={key === field ? (by.descending ? 'descending' : 'ascending') : 'none'}
                >
                  <button
                    type="button"
                    onClick={() =>
                      setSorting({
                        name: title,
                        descending: key === field ? !by.descending : field.kind === 'number',
                      })
                    }
                  >
                    {title}
                    {key === field ? (by.descending ? ' ↓' : ' ↑') : ''}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.slice(0, pages * PAGE).map((row) => (
            <tr key={row}>
              {columns.map((column) => (
                <CellView
                  key={column.title}
                  column={column}
                  value={column.field.values[row] ?? null}
                  values={values}
                  zone={zone}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > pages * PAGE && (
        <button type="button" onClick={() => setPages(pages + 1)}>
          Show {Math.min(PAGE, rows.length - pages * PAGE)} more of {rows.length.toLocaleString('en')} rows
        </button>
      )}
    </div>
  );
}

interface CellProps {
  readonly column: Column;
  readonly value: Cell;
  readonly values: Values;
  readonly zone: VizProps['zone'];
}

interface Look {
  readonly style: React.CSSProperties;
  readonly color: string | undefined;
  readonly share: number;
  readonly isGauge: boolean;
}

/** How a cell looks by its settings: where its text stands, its colour, the length of its bar. */
function lookOf({ field, settings, low, high }: Column, value: Cell, mapped: string | undefined): Look {
  const number = typeof value === 'number' ? value : null;
  const kind = settings.column?.cell ?? 'auto';
  const colored = kind !== 'auto' && kind !== 'text' && field.kind === 'number';
  const own = colored
    ? valueColor({ color: { mode: 'thresholds' }, ...settings }, number, 0, [low, high])
    : undefined;
  const color = mapped ?? own;
  const align = settings.column?.align ?? 'auto';
  const style: React.CSSProperties = {
    textAlign: align === 'auto' ? (field.kind === 'number' ? 'right' : 'left') : align,
  };
  if (color !== undefined && kind === 'color-text') style.boxShadow = `inset 3px 0 ${color}`;
  else if (color !== undefined && kind !== 'gauge')
    style.background = `color-mix(in srgb, ${color} 22%, var(--surface))`;
  const share = number === null ? 0 : Math.min(1, Math.max(0, (number - low) / (high - low || 1)));
  return { style, color, share, isGauge: kind === 'gauge' };
}

function hrefOf({ settings }: Column, value: Cell, values: Values): string | null {
  const [link] = settings.links ?? [];
  if (link === undefined) return null;
  const text = String(value ?? '');
  return fillUrl(link.url, new Map([...values, ['__value', { values: [text], text, multi: false }]]));
}

function CellView({ column, value, values, zone }: CellProps) {
  const { field, settings } = column;
  const shown = show(field.kind === 'time' ? { ...settings, unit: 'dateTimeAsIso' } : settings, value, zone);
  const { style, color, share, isGauge } = lookOf(column, value, shown.color);
  const text = shown.unit === '' ? shown.value : `${shown.value}\u202f${shown.unit}`;
  const href = hrefOf(column, value, values);
  return (
    <td className={field.kind === 'number' ? 'num' : ''} title={text} style={style}>
      {isGauge && (
        <span className={styles['cellBar']} aria-hidden>
          <span style={{ width: `${share * 100}%`, background: color }} />
        </span>
      )}
      {href === null ? text : <a href={href}>{text}</a>}
    </td>
  );
}
