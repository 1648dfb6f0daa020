import type { ServicePerformance, ServiceSummary } from '../../api/contracts.ts';
import { Delta, Numeral } from '../../ui/figures.tsx';
import { spokenWindow, type Unit } from '../../ui/format.ts';
import styles from './services.module.css';

/** A figure that is compared with the window before. */
interface ComparedProps {
  readonly name: string;
  readonly of: 'requestRate' | 'errorRatio' | 'p95';
  readonly unit: Unit;
  readonly summary: ServiceSummary | undefined;
  /** What it means that there is none; empty while nothing is known. */
  readonly absent: string;
}

function Compared({ name, of, unit, summary, absent }: ComparedProps) {
  const value = summary?.[of] ?? null;
  return (
    <div className={styles['kpi']}>
      <span>{name}</span>
      <strong>
        <Numeral value={value} unit={unit} />
      </strong>
      <Delta now={value} before={summary?.previous?.[of]} unit={unit} against="vs. before" absent={absent} />
    </div>
  );
}

/** A figure of this moment; undefined while it is asked for, null when the service does not tell it. */
interface CurrentProps {
  readonly name: string;
  readonly value: number | null | undefined;
  readonly unit: Unit;
}

function Current({ name, value, unit }: CurrentProps) {
  return (
    <div className={styles['kpi']}>
      <span>{name}</span>
      <strong>
        <Numeral value={value} unit={unit} />
      </strong>
      <span className={styles['since']}>
        {value === undefined ? '' : value === null ? 'not reported' : 'now'}
      </span>
    </div>
  );
}

export interface ServiceFiguresProps {
  readonly summary: ServiceSummary | undefined;
  /** Undefined while it is asked for, null where the service has none. */
  readonly performance: ServicePerformance | null | undefined;
  /** The time that the summary is of, as the API tells it: `5m`. */
  readonly window: string | undefined;
}

/** The golden signals now, each against the window before. */
export function ServiceFigures({ summary, performance, window }: ServiceFiguresProps) {
  const compared = { summary, absent: window === undefined ? '' : `no requests in ${spokenWindow(window)}` };
  const saturation = performance == null ? performance : (performance.saturation ?? null);
  const now = (of: 'cpuPercent' | 'memoryMb' | 'eventLoopLagSeconds'): number | null | undefined =>
    saturation == null ? saturation : saturation[of];
  return (
    <div className={styles['kpis']}>
      <Compared name="Requests" of="requestRate" unit="rate" {...compared} />
      <Compared name="Failed requests" of="errorRatio" unit="ratio" {...compared} />
      <Compared name="p95 latency" of="p95" unit="seconds" {...compared} />
      <Current name="CPU" value={now('cpuPercent')} unit="percent" />
      <Current name="Memory" value={now('memoryMb')} unit="megabytes" />
      <Current name="Event-loop lag" value={now('eventLoopLagSeconds')} unit="seconds" />
    </div>
  );
}
