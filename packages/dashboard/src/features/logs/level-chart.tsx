import { Button } from '@mantine/core';
import type { TimeRange } from '../../time/range.ts';
import { TimeSeriesChart } from '../../ui/chart/time-series-chart.tsx';
import { formatValue } from '../../ui/format.ts';
import { ErrorLine } from '../../ui/states.tsx';
import { LEVEL_COLORS, Level } from './level.tsx';
import styles from './logs.module.css';
import { LEVELS } from './query.ts';
import type { LogQuery } from './use-log-query.ts';
import type { useCounts } from './use-logs.ts';

interface LevelChartProps {
  readonly log: LogQuery;
  readonly range: TimeRange;
  readonly asOf: number;
  readonly counts: ReturnType<typeof useCounts>;
}

const NO_TIMES: readonly number[] = [];

/** The levels there are, with how many lines: pressed they are the filter. */
function LevelChips({
  log,
  totals,
}: {
  readonly log: LogQuery;
  readonly totals: ReadonlyMap<string, number>;
}) {
  const { filters } = log;
  const chosen = filters?.levels ?? [];
  const shown = LEVELS.filter((level) => totals.has(level) || chosen.includes(level));
  return (
    <div className={styles['chips']} role="group" aria-label="Levels">
      {shown.map((level) => {
        const on = chosen.includes(level);
        const levels = on ? chosen.filter((other) => other !== level) : [...chosen, level];
        return (
          <Button
            key={level}
            size="compact-xs"
            variant="default"
            className={styles['chip'] ?? ''}
            data-chosen={on}
            aria-pressed={on}
            disabled={filters === null}
            onClick={() => log.filter({ levels })}
          >
            <Level level={level} />
            <span className="num">&nbsp;{formatValue(totals.get(level) ?? 0, 'count')}</span>
          </Button>
        );
      })}
    </div>
  );
}

/** How many lines of each level there are over the range; dragging over it narrows the range. */
export function LevelChart({ log, range, asOf, counts }: LevelChartProps) {
  const { data, error, isPending } = counts;
  const total = [...(data?.totals.values() ?? [])].reduce((sum, count) => sum + count, 0);
  if (error !== null && data === undefined) return <ErrorLine what="The number of lines" error={error} />;
  return (
    <div className={styles['chart']}>
      <TimeSeriesChart
        title="Lines by level"
        note={
          data === undefined
            ? ''
            : `${total.toLocaleString('en')} lines; drag to zoom, double-click to go back`
        }
        unit="count"
        times={data?.times ?? NO_TIMES}
        rows={data?.rows ?? []}
        range={range}
        asOf={asOf}
        loading={isPending}
        height={112}
        stacked
        bars
        legend={false}
        meanings={LEVEL_COLORS}
      />
      <LevelChips log={log} totals={data?.totals ?? new Map()} />
    </div>
  );
}
