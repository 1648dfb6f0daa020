import { useMemo } from 'react';
import type { SparklineData, Summary, Totals } from '../../api/contracts.ts';
import { Delta, Numeral } from '../../ui/figures.tsx';
import { formatValue, spokenWindow, type Unit } from '../../ui/format.ts';
import { Sparkline } from '../../ui/sparkline.tsx';
import { Bone } from '../../ui/states.tsx';
import styles from './overview.module.css';

interface Trends {
  readonly requests: readonly (number | null)[];
  readonly errors: readonly (number | null)[];
  readonly slowest: readonly (number | null)[];
}

/** All services as one: requests summed, error ratios weighted by requests, and the slowest service's p95. */
export function combineTrends(sparklines: readonly SparklineData[]): Trends {
  const length = Math.max(0, ...sparklines.map((spark) => spark.requestRate.length));
  const requests: (number | null)[] = [];
  const errors: (number | null)[] = [];
  const slowest: (number | null)[] = [];
  for (let index = 0; index < length; index++) {
    let rate: number | null = null;
    let failed = 0;
    let worst: number | null = null;
    for (const spark of sparklines) {
      const own = spark.requestRate[index] ?? null;
      if (own !== null) {
        rate = (rate ?? 0) + own;
        failed += own * (spark.errorRatio[index] ?? 0);
      }
      const p95 = spark.p95[index] ?? null;
      if (p95 !== null) worst = Math.max(worst ?? 0, p95);
    }
    requests.push(rate);
    errors.push(rate === null || rate === 0 ? null : failed / rate);
    slowest.push(worst);
  }
  return { requests, errors, slowest };
}

interface KpiProps {
  readonly name: string;
  readonly aside?: string;
  readonly unit: Unit;
  readonly figure: keyof Totals;
  readonly summary: Summary;
  readonly trend: readonly (number | null)[];
  readonly color: string;
  readonly floor: number;
}

function Kpi({ name, aside, unit, figure, summary, trend, color, floor }: KpiProps) {
  return (
    <div className={styles['kpi']}>
      <div className={styles['kpiName']}>
        {name}
        <span>{aside}</span>
      </div>
      <div className={styles['kpiValue']}>
        <Numeral value={summary.totals[figure]} unit={unit} />
      </div>
      <div className={styles['kpiSpark']}>
        <Sparkline values={trend} color={color} width={120} height={32} floor={floor} />
      </div>
      <div className={styles['kpiFoot']}>
        <Delta
          now={summary.totals[figure]}
          before={summary.previous?.[figure]}
          unit={unit}
          against={`vs. ${spokenWindow(summary.window)} before`}
          absent={`no requests in ${spokenWindow(summary.window)}`}
        />
      </div>
    </div>
  );
}

/** The figures' shape while they are on their way. */
export function KpiBones() {
  return (
    <div className={styles['kpis']} aria-hidden>
      {[0, 1, 2].map((index) => (
        <div key={index} className={styles['kpi']}>
          <div className={styles['kpiName']}>
            <Bone width={96} />
          </div>
          <div className={styles['kpiValue']}>
            <Bone width={120} height={32} />
          </div>
          <div className={styles['kpiFoot']}>
            <Bone width={160} />
          </div>
        </div>
      ))}
    </div>
  );
}

export interface KpisProps {
  readonly summary: Summary;
  readonly trends: readonly SparklineData[];
}

export function Kpis({ summary, trends: sparklines }: KpisProps) {
  const trends = useMemo(() => combineTrends(sparklines), [sparklines]);
  const { totals } = summary;
  return (
    <div className={styles['kpis']}>
      <Kpi
        name="Requests"
        unit="rate"
        figure="requestRate"
        summary={summary}
        trend={trends.requests}
        color="var(--s1)"
        floor={1}
      />
      <Kpi
        name="Failed requests"
        aside={totals.errorRate === null ? '' : formatValue(totals.errorRate, 'rate')}
        unit="ratio"
        figure="errorRatio"
        summary={summary}
        trend={trends.errors}
        color="var(--s7)"
        floor={0.02}
      />
      <Kpi
        name="p95 latency"
        aside={
          totals.p95 === null
            ? ''
            : `p50 ${formatValue(totals.p50, 'seconds')}, p99 ${formatValue(totals.p99, 'seconds')}`
        }
        unit="seconds"
        figure="p95"
        summary={summary}
        trend={trends.slowest}
        color="var(--s2)"
        floor={0.05}
      />
    </div>
  );
}
