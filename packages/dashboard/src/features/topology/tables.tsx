import { useMatches } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Numeral } from '../../ui/figures.tsx';
import type { Unit } from '../../ui/format.ts';
import { IconArrowDown } from '../../ui/icons.ts';
import { Section } from '../../ui/states.tsx';
import { StatusBadge, StatusIcon } from '../../ui/status.tsx';
import table from '../../ui/table.module.css';
import type { Figures } from './contracts.ts';
import { bySeverity, type MapCall, type MapModel, type MapNode } from './model.ts';
import type { TopologySearch } from './search.ts';
import styles from './topology.module.css';
import { NodeIcon, nameOf, typeWord } from './words.tsx';

const COLUMNS: readonly { readonly label: string; readonly of: keyof Figures; readonly unit: Unit }[] = [
  { label: 'Calls', of: 'rate', unit: 'rate' },
  { label: 'Failed', of: 'error_ratio', unit: 'ratio' },
  { label: 'p50', of: 'p50', unit: 'seconds' },
  { label: 'p95', of: 'p95', unit: 'seconds' },
  { label: 'p99', of: 'p99', unit: 'seconds' },
];

interface Row {
  readonly key: string;
  readonly of: Pick<MapNode, 'figures' | 'status' | 'presence'>;
  readonly what: ReactNode;
  readonly chosen: boolean;
  readonly choose: () => void;
}

function FigureRow({ row: { of, what, chosen, choose } }: { readonly row: Row }) {
  return (
    <tr data-selected={chosen}>
      <td>
        <button type="button" className={styles['rowName']} onClick={choose}>
          {what}
        </button>
        {of.presence !== 'both' && <span className={styles['tag']}>{of.presence}</span>}
      </td>
      <td>
        <StatusBadge status={of.status} size={14} />
      </td>
      {COLUMNS.map(({ label, of: figure, unit }) => (
        <td key={label} className={table['right']}>
          <Numeral value={of.figures[figure]} unit={unit} />
        </td>
      ))}
    </tr>
  );
}

function PhoneRow({ row: { of, what, choose } }: { readonly row: Row }) {
  const { figures } = of;
  return (
    <li>
      <button type="button" className={styles['phoneRow']} onClick={choose}>
        <span className={table['listTop']}>
          <StatusIcon status={of.status} />
          {what}
          <span className={styles['quiet']}>{of.presence === 'both' ? of.status : of.presence}</span>
        </span>
        <span className={`${table['listFigures']} num`}>
          <Numeral value={figures.rate} unit="rate" />
          <span>
            <b>failed</b>
            <Numeral value={figures.error_ratio} unit="ratio" />
          </span>
          <span>
            <b>p95</b>
            <Numeral value={figures.p95} unit="seconds" />
          </span>
        </span>
      </button>
    </li>
  );
}

function sorted(rows: readonly Row[], by: keyof Figures | null): readonly Row[] {
  if (by === null) {
    const order = bySeverity(rows.map((row) => ({ ...row, ...row.of, before: undefined })));
    return order;
  }
  return rows.toSorted((a, b) => (b.of.figures[by] ?? -1) - (a.of.figures[by] ?? -1));
}

function FigureTable({
  title,
  first,
  rows,
}: {
  readonly title: string;
  readonly first: string;
  readonly rows: readonly Row[];
}) {
  const [by, setBy] = useState<keyof Figures | null>(null);
  const phone = useMatches({ base: true, sm: false });
  const list = sorted(rows, by);
  return (
    <Section title={title} note={by === null ? `${rows.length}, the worst first` : String(rows.length)}>
      {phone ? (
        <ul className={styles['phoneList']}>
          {list.map((row) => (
            <PhoneRow key={row.key} row={row} />
          ))}
        </ul>
      ) : (
        <div className={table['scroll']}>
          <table className={table['table']}>
            <thead>
              <tr>
                <th>{first}</th>
                <th>State</th>
                {COLUMNS.map(({ label, of }) => (
                  <th key={label} className={table['right']} aria-sort={by === of ? 'descending' : 'none'}>
                    <button
                      type="button"
                      className={styles['sort']}
                      onClick={() => setBy(by === of ? null : of)}
                    >
                      {label}
                      {by === of && <IconArrowDown size={12} aria-hidden />}
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {list.map((row) => (
                <FigureRow key={row.key} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

export interface TablesProps {
  readonly model: MapModel;
  readonly search: TopologySearch;
  readonly set: (next: TopologySearch) => void;
}

/** All that the map says, as tables: for phones, for screen readers, and for sorting. */
export function Tables({ model, search, set }: TablesProps) {
  const callRow = (call: MapCall): Row => ({
    key: `${call.source}\n${call.target}`,
    of: call,
    what: (
      <>
        {nameOf(call.source)} → {nameOf(call.target)}
      </>
    ),
    chosen: search.call?.[0] === call.source && search.call[1] === call.target,
    choose: () => set({ node: undefined, call: [call.source, call.target] }),
  });
  const nodeRow = (node: MapNode): Row => ({
    key: node.id,
    of: node,
    what: (
      <>
        <NodeIcon type={node.type} size={14} /> {node.name}{' '}
        <span className={styles['quiet']}>{typeWord(node.type)}</span>
      </>
    ),
    chosen: search.node === node.id,
    choose: () => set({ node: node.id, call: undefined }),
  });
  return (
    <div className={styles['tables']}>
      <FigureTable title="Services and what they call" first="Name" rows={model.nodes.map(nodeRow)} />
      <FigureTable title="Calls" first="From → to" rows={model.calls.map(callRow)} />
    </div>
  );
}
