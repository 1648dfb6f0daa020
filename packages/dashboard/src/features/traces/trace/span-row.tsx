import { type FunctionComponent, memo } from 'react';
import { formatValue } from '../../../ui/format.ts';
import { IconAlertTriangle } from '../../../ui/icons.ts';
import type { Extent } from '../model/time.ts';
import { operationOf, serviceOf, type Trace } from '../model/trace.ts';
import styles from './trace.module.css';

/** Deeper rows are not indented further, or nothing of their names would be left. */
const MOST_INDENT = 24;
const INDENT_PX = 12;
/** The path's stretches are drawn on a scale of a thousand; what is closer together than one of it is one. */
const SCALE = 1000;

/** The row's stretches of the critical path within the extent, as one path of an SVG; empty where it has none. */
export function pathLine({ path: { first, from, to } }: Trace, row: number, extent: Extent): string {
  const unit = SCALE / (extent.to - extent.from);
  let line = '';
  let begin = Number.NEGATIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  const finish = (): void => {
    if (end > begin) line += `M${begin.toFixed(1)} 1H${end.toFixed(1)}`;
  };
  for (let at = first[row]; at < first[row + 1]; at++) {
    const left = Math.max(0, (from[at] - extent.from) * unit);
    const right = Math.min(SCALE, (to[at] - extent.from) * unit);
    if (right <= left) continue;
    if (left - end > 1) {
      finish();
      begin = left;
    }
    end = right;
  }
  finish();
  return line;
}

interface SpanRowProps {
  readonly trace: Trace;
  readonly row: number;
  /** Pixels from the top of the list. */
  readonly top: number;
  readonly extent: Extent;
  readonly color: string;
  /** Percent of the time's width that a duration takes beside its bar. */
  readonly room: number;
  readonly collapsed: boolean;
  readonly chosen: boolean;
  readonly opened: boolean;
  /** Whether a find matches it; null while nothing is looked for. */
  readonly found: boolean | null;
  readonly toggle: (row: number, closed: boolean) => void;
  readonly choose: (row: number) => void;
  readonly Chevron: FunctionComponent<{ size?: number | string }>;
}

function Bar({
  trace,
  row,
  extent,
  color,
  room,
}: Pick<SpanRowProps, 'trace' | 'row' | 'extent' | 'color' | 'room'>) {
  const span = extent.to - extent.from;
  const left = ((trace.start[row] - extent.from) / span) * 100;
  const width = (trace.length[row] / span) * 100;
  if (left > 100 || left + width < 0) return null;
  const right = Math.min(100, left + width);
  const begin = Math.max(0, left);
  // The duration stands where there is room for it: behind the bar, or before one that reaches the end.
  const label = right < 100 - room ? { left: `${right}%` } : { right: `${Math.max(0, 100 - begin)}%` };
  const inside = right >= 100 - room && begin < room;
  const line = pathLine(trace, row, extent);
  return (
    <>
      <i
        className={styles['bar-of-span']}
        data-failed={trace.failed[row] === 1}
        style={{ left: `${begin}%`, width: `${right - begin}%`, background: color }}
      />
      {line !== '' && (
        <svg className={styles['path']} viewBox={`0 0 ${SCALE} 2`} preserveAspectRatio="none" aria-hidden>
          <path d={line} vectorEffect="non-scaling-stroke" />
        </svg>
      )}
      <span
        className={`${styles['length']} num`}
        data-inside={inside}
        style={inside ? { left: `${begin}%` } : label}
      >
        {formatValue(trace.length[row] / 1e9, 'seconds')}
      </span>
    </>
  );
}

/** One span: who did what, and when. */
export const SpanRow = memo(function SpanRow(props: SpanRowProps) {
  const { trace, row, top, extent, color, room, collapsed, chosen, opened, found } = props;
  const { toggle, choose, Chevron } = props;
  const children = trace.children[row];
  const failed = trace.failed[row] === 1;
  const service = serviceOf(trace, row);
  const operation = operationOf(trace, row);
  // The service is named where it changes; below it is the same.
  const above = trace.parent[row];
  const named = above < 0 || trace.service[above] !== trace.service[row];
  return (
    <div
      id={`span-${row}`}
      role="treeitem"
      aria-level={trace.depth[row] + 1}
      aria-selected={chosen}
      aria-expanded={children > 0 ? !collapsed : undefined}
      className={styles['row']}
      data-chosen={chosen}
      data-opened={opened}
      data-found={found ?? undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => choose(row)}
    >
      <div
        className={styles['name']}
        style={{ paddingLeft: Math.min(MOST_INDENT, trace.depth[row]) * INDENT_PX }}
      >
        {children > 0 ? (
          <span
            className={styles['toggle']}
            data-toggle
            title={collapsed ? `Show the ${children} below` : 'Hide what is below'}
            onClick={(event) => {
              event.stopPropagation();
              toggle(row, !collapsed);
            }}
          >
            <Chevron size={12} />
            {collapsed && <b className="num">{children}</b>}
          </span>
        ) : (
          <span className={styles['toggle']} />
        )}
        <i style={{ background: color }} />
        <span className={styles['words']} title={`${service} ${operation}`}>
          {failed && <IconAlertTriangle size={12} role="img" aria-label="failed" />}
          <b className={named ? undefined : 'sr-only'}>{service}</b> {operation}
        </span>
      </div>
      <div className={styles['time']}>
        <Bar trace={trace} row={row} extent={extent} color={color} room={room} />
      </div>
    </div>
  );
});
