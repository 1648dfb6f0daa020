import { useState } from 'react';
import {
  type ChartPoint,
  TimeSeriesChart,
  type TimeSeriesChartProps,
} from '../ui/chart/time-series-chart.tsx';
import styles from './joins.module.css';
import { PointLinks, type PointLinksProps } from './point-links.tsx';

export interface ServiceChartProps extends Omit<TimeSeriesChartProps, 'onPoint'> {
  /** Whose curves they are; each curve is of the service it is named after when absent. */
  readonly service?: string;
  readonly of: PointLinksProps['of'];
}

/** A chart of services whose points lead to the traces that made them. */
export function ServiceChart({ service, of, ...chart }: ServiceChartProps) {
  const [point, setPoint] = useState<ChartPoint | null>(null);
  return (
    <div className={styles['chart']}>
      <TimeSeriesChart {...chart} onPoint={setPoint} />
      {point !== null && (
        <PointLinks service={service ?? point.series} point={point} of={of} close={() => setPoint(null)} />
      )}
    </div>
  );
}
