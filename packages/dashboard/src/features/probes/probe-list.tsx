import { useMatches } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { RelativeTime } from '../../ui/figures.tsx';
import { formatValue } from '../../ui/format.ts';
import { Bone } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import { useRowList } from '../../ui/use-row-list.ts';
import type { ProbeRow } from './contracts.ts';
import { LookStrip } from './look-strip.tsx';
import { Certificate, ProbeState } from './probe-state.tsx';
import styles from './probes.module.css';
import { remark, TYPE_WORD } from './words.ts';

interface RowProps {
  readonly row: ProbeRow;
  readonly open: () => void;
}

function Name({ row, open }: RowProps) {
  return (
    <button type="button" className={styles['open']} onClick={open}>
      {row.name}
    </button>
  );
}

function Where({ row }: { readonly row: ProbeRow }) {
  const words = remark(row);
  return (
    <span className={styles['where']}>
      <span className={`${table['mono']} ${styles['cut']}`} title={row.target}>
        {TYPE_WORD[row.type]} {row.type === 'heartbeat' ? '' : row.target}
      </span>
      {words !== '' && (
        <span className={styles[row.status === 'unhealthy' ? 'bad' : 'quiet']} title={words}>
          {words}
        </span>
      )}
    </span>
  );
}

function Took({ row }: { readonly row: ProbeRow }) {
  if (row.lastLook === null) return <span className={`${styles['quiet']} ${styles['right']}`}>not yet</span>;
  return (
    <span className={styles['took']}>
      <span className="num">
        {row.type === 'heartbeat' ? '' : formatValue((row.duration ?? 0) / 1000, 'seconds')}
      </span>
      <span className={styles['quiet']}>
        <RelativeTime at={row.lastLook} />
      </span>
    </span>
  );
}

function WideRow({ row, open }: RowProps) {
  return (
    <>
      <ProbeState row={row} />
      <span className={styles['where']}>
        <Name row={row} open={open} />
        {row.service !== null && (
          <Link
            to="/services/$name"
            params={{ name: row.service }}
            search={(previous) => ({ range: previous.range, tz: previous.tz })}
            className={styles['service'] ?? ''}
          >
            {row.service}
          </Link>
        )}
      </span>
      <Where row={row} />
      <LookStrip recent={row.recent} />
      <Took row={row} />
      <Certificate row={row} />
    </>
  );
}

function PhoneRow({ row, open }: RowProps) {
  return (
    <div className={styles['phone']}>
      <span className={table['listTop']}>
        <Name row={row} open={open} />
        <ProbeState row={row} />
      </span>
      <Where row={row} />
      <span className={table['listTop']}>
        <LookStrip recent={row.recent} />
        <Took row={row} />
      </span>
    </div>
  );
}

function Head() {
  return (
    <div className={`${table['vHead']} ${styles['columns']}`}>
      <span>State</span>
      <span>Probe</span>
      <span>Looks at</span>
      <span>Last looks</span>
      <span className={styles['right']}>Took</span>
      <span className={styles['right']}>Certificate</span>
    </div>
  );
}

export interface ProbeListProps {
  readonly total: number;
  /** Undefined while its page is not here. */
  readonly rowAt: (index: number) => ProbeRow | undefined;
  readonly open: (row: ProbeRow) => void;
  /** Which rows are in sight, for who loads them. */
  readonly seen: (first: number, last: number) => void;
}

/** However many probes there are, those in sight are drawn and asked for. */
export function ProbeListing({ total, rowAt, open, seen }: ProbeListProps) {
  const phone = useMatches({ base: true, sm: false });
  const height = useMatches({ base: 104, sm: 48 });
  const { scroller, virtual, selected } = useRowList({
    count: total,
    heightPx: height,
    overscan: 8,
    what: 'probe',
    open: (index) => {
      const row = rowAt(index);
      if (row !== undefined) open(row);
    },
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => seen(first, last), [seen, first, last]);
  const Row = phone ? PhoneRow : WideRow;
  return (
    <div
      ref={scroller}
      className={table['virtual']}
      style={{ maxHeight: 'calc(100vh - 216px)', minHeight: 120 }}
      tabIndex={0}
      role="region"
      aria-label="List of probes"
    >
      {!phone && <Head />}
      {total === 0 && <p className={styles['none']}>No probe matches. Clear the filters to see all.</p>}
      <div className={table['vBody']} style={{ height: virtual.getTotalSize() }} role="list">
        {items.map((item) => {
          const row = rowAt(item.index);
          return (
            <div
              key={item.index}
              role="listitem"
              data-selected={item.index === selected}
              className={`${table['vRow']} ${phone ? '' : styles['columns']}`}
              style={{ transform: `translateY(${item.start}px)`, height: item.size }}
            >
              {row === undefined ? <Bone height={16} /> : <Row row={row} open={() => open(row)} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}
