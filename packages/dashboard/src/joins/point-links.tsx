import { Link } from '@tanstack/react-router';
import { boundsOf } from '../time/range.ts';
import { useTimeRange, useZone } from '../time/use-range.ts';
import type { ChartPoint } from '../ui/chart/time-series-chart.tsx';
import styles from '../ui/exemplars/exemplars.module.css';
import { Pressed } from '../ui/exemplars/pressed.tsx';
import { formatClock } from '../ui/format.ts';
import { aroundPoint, linesOfService } from './links.ts';

export interface PointLinksProps {
  readonly service: string;
  readonly point: ChartPoint;
  /** Which traces explain the curve. */
  readonly of: 'all' | 'failed' | 'slowest';
  readonly close: () => void;
}

/** From a point of a service's curve to the traces that made it, and to what the service wrote then. */
export function PointLinks({ service, point, of, close }: PointLinksProps) {
  const [range] = useTimeRange();
  const [zone] = useZone();
  const { from, to } = boundsOf(range, Date.now());
  const time = aroundPoint(point);
  const traces = {
    ...time,
    service,
    ...(of === 'failed' ? { error: true as const } : of === 'slowest' ? { sort: 'slowest' as const } : {}),
  };
  return (
    <Pressed close={close}>
      <strong>
        {service} at {formatClock(point.at, to, zone, to - from < 7_200_000)}
      </strong>
      <Link to="/traces" search={traces} className={styles['open']}>
        {of === 'failed' ? 'Its failed traces' : of === 'slowest' ? 'Its slowest traces' : 'Its traces'}
      </Link>
      <Link to="/logs" search={{ ...time, q: linesOfService(service) }} className={styles['open']}>
        Its logs
      </Link>
    </Pressed>
  );
}
