import { Link } from '@tanstack/react-router';
import type { CSSProperties } from 'react';
import { Numeral } from '../../ui/figures.tsx';
import { formatValue, NO_VALUE, type Unit } from '../../ui/format.ts';
import { Sparkline } from '../../ui/sparkline.tsx';
import { StatusBadge } from '../../ui/status.tsx';
import table from '../../ui/table.module.css';
import type { ServiceRow } from './rows.ts';
import styles from './services.module.css';

export interface RowProps {
  readonly row: ServiceRow;
  readonly top: number;
  readonly height: number;
  readonly selected: boolean;
}

const place = (top: number, height: number): CSSProperties => ({ transform: `translateY(${top}px)`, height });

function Trend(props: {
  readonly value: number | null;
  readonly unit: Unit;
  readonly values: readonly (number | null)[] | undefined;
  readonly color: string;
  readonly floor: number;
}) {
  const { value, unit, values, color, floor } = props;
  return (
    <div className={table['figure']}>
      <Numeral value={value} unit={unit} />
      {values !== undefined && <Sparkline values={values} color={color} width={72} floor={floor} />}
    </div>
  );
}

export function ServiceListRow({ row, top, height, selected }: RowProps) {
  return (
    <div
      className={`${table['vRow']} ${styles['columns']}`}
      style={place(top, height)}
      data-selected={selected}
      role="listitem"
    >
      <Link to="/services/$name" params={{ name: row.name }} search={true} className={table['name']}>
        {row.name}
      </Link>
      <StatusBadge status={row.status} />
      <Trend
        value={row.requestRate}
        unit="rate"
        values={row.spark?.requestRate}
        color="var(--s1)"
        floor={1}
      />
      <Trend
        value={row.errorRatio}
        unit="ratio"
        values={row.spark?.errorRatio}
        color="var(--s7)"
        floor={0.02}
      />
      <Trend value={row.p95} unit="seconds" values={row.spark?.p95} color="var(--s2)" floor={0.05} />
      <span style={{ textAlign: 'right' }}>
        <Numeral value={row.uptime} unit="availability" />
      </span>
      <span className="num" style={{ textAlign: 'right' }}>
        {row.instances === 0 ? NO_VALUE : `${row.up} of ${row.instances}`}
      </span>
      <span
        className={`num ${row.openBreakers > 0 ? styles['open'] : styles['closed']}`}
        style={{ textAlign: 'right' }}
      >
        {row.breakers === 0 ? NO_VALUE : row.openBreakers > 0 ? `${row.openBreakers} open` : 'closed'}
      </span>
    </div>
  );
}

export function ServiceListItem({ row, top, height, selected }: RowProps) {
  return (
    <div
      style={{ ...place(top, height), gridTemplateColumns: '1fr' }}
      className={table['vRow']}
      data-selected={selected}
      role="listitem"
    >
      <Link to="/services/$name" params={{ name: row.name }} search={true}>
        <span className={table['listTop']}>
          <span>{row.name}</span>
          <StatusBadge status={row.status} />
        </span>
        <span className={`${table['listFigures']} num`}>
          <span>{formatValue(row.requestRate, 'rate')}</span>
          <span>
            <b>failed</b>
            {formatValue(row.errorRatio, 'ratio')}
          </span>
          <span>
            <b>p95</b>
            {formatValue(row.p95, 'seconds')}
          </span>
        </span>
      </Link>
    </div>
  );
}
