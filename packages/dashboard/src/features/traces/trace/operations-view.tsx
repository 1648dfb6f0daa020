import { useMemo, useState } from 'react';
import { formatValue } from '../../../ui/format.ts';
import { IconArrowDown } from '../../../ui/icons.ts';
import table from '../../../ui/table.module.css';
import { type OperationFigures, operationsOf, selfTimes } from '../model/operations.ts';
import type { Trace } from '../model/trace.ts';
import { ServiceMark } from '../service-mark.tsx';
import styles from './trace.module.css';

const COLUMNS = [
  ['own', 'Own time'],
  ['path', 'On the critical path'],
  ['total', 'Total'],
  ['longest', 'Longest'],
  ['spans', 'Spans'],
  ['failed', 'Failed'],
] as const satisfies readonly (readonly [keyof OperationFigures, string])[];
type Column = (typeof COLUMNS)[number][0];
/** The first screen has what matters; the rest is asked for by a find. */
const MOST_ROWS = 500;

function cell(figures: OperationFigures, column: Column): string {
  return column === 'spans' || column === 'failed'
    ? figures[column].toLocaleString('en')
    : formatValue(figures[column] / 1e9, 'seconds');
}

interface OperationsViewProps {
  readonly trace: Trace;
  readonly find: string;
  readonly open: (spanId: string | null) => void;
}

/** What each operation comes to in the trace; a press on one opens its longest span. */
export function OperationsView({ trace, find, open }: OperationsViewProps) {
  const [sort, setSort] = useState<Column>('own');
  const all = useMemo(() => operationsOf(trace, selfTimes(trace)), [trace]);
  const rows = useMemo(() => {
    const needle = find.trim().toLowerCase();
    return all
      .filter(({ service, operation }) => `${service} ${operation}`.toLowerCase().includes(needle))
      .toSorted((a, b) => b[sort] - a[sort]);
  }, [all, find, sort]);
  const most = rows.reduce((largest, figures) => Math.max(largest, figures[sort]), 0);
  return (
    <section aria-label="Operations" className={`${table['scroll']} ${styles['operations']}`} tabIndex={0}>
      <table className={table['table']}>
        <thead>
          <tr>
            <th>Operation</th>
            {COLUMNS.map(([column, name]) => (
              <th
                key={column}
                className={table['right']}
                aria-sort={sort === column ? 'descending' : undefined}
              >
                <button type="button" className={styles['sort']} onClick={() => setSort(column)}>
                  {name}
                  {sort === column && <IconArrowDown size={12} aria-hidden />}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_ROWS).map((figures) => (
            <tr key={`${figures.service} ${figures.operation}`}>
              <td>
                <ServiceMark service={figures.service} among={trace.services} />{' '}
                <button
                  type="button"
                  className={styles['linkish']}
                  onClick={() => open(trace.spanIds[figures.row] ?? null)}
                >
                  {figures.operation}
                </button>
              </td>
              {COLUMNS.map(([column]) => (
                <td
                  key={column}
                  className={`${table['right']} num`}
                  data-failed={column === 'failed' && figures.failed > 0}
                >
                  {cell(figures, column)}
                  {sort === column && (
                    <span className={styles['cellBar']} aria-hidden>
                      <i style={{ width: `${most > 0 ? (figures[column] / most) * 100 : 0}%` }} />
                    </span>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles['foot']}>
        {rows.length > MOST_ROWS
          ? `the first ${MOST_ROWS} of ${rows.length.toLocaleString('en')} operations; find some by their name`
          : `${rows.length.toLocaleString('en')} operations`}
      </p>
    </section>
  );
}
