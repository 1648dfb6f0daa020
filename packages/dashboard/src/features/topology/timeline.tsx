import { ActionIcon, Button, Select } from '@mantine/core';
import { useHotkeys } from '../../keys/hotkeys.tsx';
import type { TimeRange } from '../../time/range.ts';
import { useNow } from '../../time/use-now.ts';
import { useZone } from '../../time/use-range.ts';
import { formatClock, formatDuration, formatValue } from '../../ui/format.ts';
import { IconChevronLeft, IconChevronRight } from '../../ui/icons.ts';
import { ErrorLine } from '../../ui/states.tsx';
import type { Steps } from './contracts.ts';
import { minutesIn, momentOf } from './moment.ts';
import { type TopologySearch, WIDTHS } from './search.ts';
import styles from './topology.module.css';
import { useSteps } from './use-topology.ts';

const MINUTE_MS = 60_000;
const HEIGHT = 36;

/** How much went on: a bar for each step, what failed of it in its own colour. */
function Bars({
  steps,
  chosen,
}: {
  readonly steps: Steps;
  readonly chosen: { from: number; to: number } | null;
}) {
  const { start, end, step, points } = steps;
  const span = Math.max(1, end - start);
  const most = points.reduce((top, { rate }) => Math.max(top, rate), 0) || 1;
  const percent = (ms: number): number => (Math.min(span, Math.max(0, ms)) / span) * 100;
  const total = points.reduce((sum, { calls }) => sum + calls, 0);
  const failed = points.reduce((sum, { errors }) => sum + errors, 0);
  return (
    <svg
      className={styles['bars']}
      viewBox={`0 0 100 ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${formatValue(total, 'count')} calls over the range, ${formatValue(failed, 'count')} of them failed`}
    >
      {chosen !== null && (
        <rect
          className={styles['slice']}
          x={percent(chosen.from - start)}
          width={Math.max(0.4, percent(chosen.to - start) - percent(chosen.from - start))}
          y={0}
          height={HEIGHT}
        />
      )}
      {points.map(({ at, rate, error_ratio: ratio }) => {
        const x = percent(at - start);
        const width = Math.max(0.2, (percent(at - start + step) - x) * 0.8);
        const height = (rate / most) * (HEIGHT - 2);
        const bad = height * (ratio ?? 0);
        return (
          <g key={at}>
            <rect className={styles['bar']} x={x} width={width} y={HEIGHT - height} height={height - bad} />
            {bad > 0 && (
              <rect
                className={styles['badBar']}
                x={x}
                width={width}
                // A few failures among thousands of calls would be thinner than a pixel.
                y={HEIGHT - Math.max(2, bad)}
                height={Math.max(2, bad)}
              />
            )}
          </g>
        );
      })}
    </svg>
  );
}

export interface TimelineProps {
  readonly range: TimeRange;
  readonly search: TopologySearch;
  readonly set: (next: TopologySearch) => void;
}

/** Goes back in time: any minutes of the range, or the whole of it. */
export function Timeline({ range, search, set }: TimelineProps) {
  const { at, width = 1 } = search;
  const [zone] = useZone();
  const now = useNow(5000);
  const { data, error } = useSteps(range, {});
  const { first, last } = minutesIn(range, now);
  const shown = Math.min(last, Math.max(first, at ?? last));
  const move = (by: number): void =>
    set({ at: Math.min(last, Math.max(first, at === undefined ? last : at + by * MINUTE_MS)) });
  useHotkeys([
    { keys: '[', label: 'A minute earlier', group: 'Page', run: () => move(-1) },
    { keys: ']', label: 'A minute later', group: 'Page', run: () => move(1) },
    { keys: 'w', label: 'The whole time range', group: 'Page', run: () => set({ at: undefined }) },
  ]);
  const moment = momentOf(range, search);
  const words =
    at === undefined
      ? range.kind === 'relative'
        ? `the last ${formatDuration(range.seconds * 1000)}`
        : 'the whole range'
      : `${formatClock(at - width * MINUTE_MS, now, zone)} to ${formatClock(at, now, zone)}`;
  return (
    <section className={styles['timeline']} aria-label="Time shown on the map">
      <div className={styles['track']}>
        {error !== null && data === undefined && <ErrorLine what="The calls over time" error={error} />}
        {data !== undefined && (
          <Bars steps={data} chosen={at === undefined || moment.kind === 'now' ? null : moment} />
        )}
        <input
          type="range"
          className={styles['slider']}
          aria-label="Moment"
          aria-valuetext={words}
          min={first}
          max={last}
          step={MINUTE_MS}
          value={shown}
          data-live={at === undefined}
          onChange={(event) => set({ at: Number(event.currentTarget.value) })}
        />
      </div>
      <div className={styles['timeWords']}>
        <ActionIcon variant="default" size="sm" aria-label="A minute earlier" onClick={() => move(-1)}>
          <IconChevronLeft size={14} />
        </ActionIcon>
        <ActionIcon
          variant="default"
          size="sm"
          aria-label="A minute later"
          disabled={at === undefined || at >= last}
          onClick={() => move(1)}
        >
          <IconChevronRight size={14} />
        </ActionIcon>
        <span className="num" role="status">
          Shown: {words}
        </span>
        {at !== undefined && (
          <>
            <Select
              size="xs"
              w={92}
              aria-label="Length of the moment"
              allowDeselect={false}
              data={WIDTHS.map((minutes) => ({ value: String(minutes), label: `${minutes} min` }))}
              value={String(width)}
              onChange={(next) => set({ width: next === '1' ? undefined : Number(next) })}
            />
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => set({ at: undefined, width: undefined })}
            >
              {range.kind === 'relative' ? 'Back to now' : 'The whole range'}
            </Button>
          </>
        )}
      </div>
    </section>
  );
}
