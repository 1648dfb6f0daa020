import type { ServicePerformance, ServiceSummary } from '../../api/contracts.ts';
import { Delta, Numeral } from '../../ui/figures.tsx';
import type { Unit } from '../../ui/format.ts';
import styles from './services.module.css';

interface FigureProps {
  readonly name: string;
  readonly value: number | null | undefined;
  readonly before?: number | null | undefined;
  readonly unit: Unit;
  readonly compared: boolean;
}

function Figure({ name, value, before, unit, compared }: FigureProps) {
  return (
    <div className={styles['kpi']}>
      <span>{name}</span>
      <strong>
        <Numeral value={value} unit={unit} />
      </strong>
      {compared ? (
        <Delta now={value ?? null} before={before} unit={unit} against="vs. before" />
      ) : (
        <span className={styles['since']}>now</span>
      )}
    </div>
  );
}

export interface ServiceFiguresProps {
  readonly summary: ServiceSummary | undefined;
  readonly performance: ServicePerformance | undefined;
}

/** The golden signals now, each against the window before. */
export function ServiceFigures({ summary, performance }: ServiceFiguresProps) {
  const saturation = performance?.saturation;
  const before = summary?.previous;
  return (
    <div className={styles['kpis']}>
      <Figure
        name="Requests"
        value={summary?.requestRate}
        before={before?.requestRate}
        unit="rate"
        compared
      />
      <Figure
        name="Failed requests"
        value={summary?.errorRatio}
        before={before?.errorRatio}
        unit="ratio"
        compared
      />
      <Figure name="p95 latency" value={summary?.p95} before={before?.p95} unit="seconds" compared />
      <Figure name="CPU" value={saturation?.cpuPercent} unit="percent" compared={false} />
      <Figure name="Memory" value={saturation?.memoryMb} unit="megabytes" compared={false} />
      <Figure name="Event-loop lag" value={saturation?.eventLoopLagSeconds} unit="seconds" compared={false} />
    </div>
  );
}
