import type { Status } from '../../../api/contracts.ts';
import { formatValue } from '../../../ui/format.ts';
import { type Point, pathOf } from '../layout/layout.ts';
import type { MapCall } from '../model.ts';
import styles from '../topology.module.css';
import { callWords } from '../words.tsx';

const STATES: readonly Status[] = ['healthy', 'degraded', 'unhealthy', 'unknown'];

/** The heads of the arrows, one of each colour. */
export function ArrowHeads() {
  return (
    <defs>
      {STATES.map((status) => (
        <marker
          key={status}
          id={`head-${status}`}
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerUnits="userSpaceOnUse"
          markerWidth="9"
          markerHeight="9"
          orient="auto"
        >
          <path d="M0,0.5L8,4L0,7.5Z" className={styles['head']} data-status={status} />
        </marker>
      ))}
    </defs>
  );
}

/** Wider where more goes along: by the logarithm, from a call a minute to thousands a second. */
function widthOf(rate: number): number {
  return rate <= 0 ? 1 : Math.min(5, Math.max(1, 1.6 + Math.log10(rate) * 0.8));
}

export interface CallLineProps {
  readonly call: MapCall;
  readonly points: readonly Point[];
  readonly chosen: boolean;
  readonly faint: boolean;
  readonly choose: () => void;
  readonly point: (on: boolean) => void;
}

export function CallLine({ call, points, chosen, faint, choose, point }: CallLineProps) {
  const path = pathOf(points);
  return (
    <g
      className={styles['call']}
      data-status={call.status}
      data-chosen={chosen}
      data-faint={faint}
      data-gone={call.presence === 'gone'}
      onClick={choose}
      onPointerEnter={() => point(true)}
      onPointerLeave={() => point(false)}
    >
      <title>{callWords(call)}</title>
      <path d={path} className={styles['reach']} />
      <path
        d={path}
        className={styles['line']}
        strokeWidth={widthOf(call.figures.rate)}
        markerEnd={`url(#head-${call.status})`}
      />
    </g>
  );
}

/** What stands on a line: how many calls, what fails of them, how long they take. */
export function CallLabel({
  call,
  at: [x, y],
  faint,
}: Pick<CallLineProps, 'call' | 'faint'> & { readonly at: Point }) {
  const { figures, presence } = call;
  const failing = figures.errors > 0;
  return (
    <span
      className={`${styles['label']} num`}
      style={{ transform: `translate(${x}px, ${y}px) translate(-50%, -50%)` }}
      data-faint={faint}
      aria-hidden
    >
      {presence === 'gone' ? (
        'gone'
      ) : (
        <>
          {presence === 'new' && <b>new</b>}
          <span>{formatValue(figures.rate, 'rate')}</span>
          {failing ? (
            <span data-status={call.status}>{formatValue(figures.error_ratio, 'ratio')} failed</span>
          ) : (
            <span>{formatValue(figures.p95, 'seconds')}</span>
          )}
        </>
      )}
    </span>
  );
}
