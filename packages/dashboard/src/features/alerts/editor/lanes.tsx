import { useZone } from '../../../time/use-range.ts';
import { formatClock, formatDuration } from '../../../ui/format.ts';
import { LabelChips } from '../label-chips.tsx';
import type { BackTest } from './contracts.ts';
import styles from './editor.module.css';
import { drawnOf, type Lane, lanesOf } from './words.ts';

const MOST_LANES = 12;

function LaneRow({ lane, end }: { readonly lane: Lane; readonly end: number }) {
  const [zone] = useZone();
  const fired = lane.segments.filter(({ state }) => state === 'firing');
  const said =
    fired.length === 0
      ? 'only pending'
      : `fired ${fired.length === 1 ? 'once' : `${fired.length} times`}, ${formatDuration(lane.firingMs)} in all`;
  return (
    <li className={styles['lane']}>
      <span className={styles['laneHead']}>
        <LabelChips labels={lane.labels} without={['alertname']} />
        <span className={styles['quiet']}>{said}</span>
      </span>
      <span className={styles['strip']} aria-hidden>
        {lane.segments.map(({ state, from, to, left, width }) => (
          <span
            key={`${state} ${from}`}
            data-state={state}
            title={`${state} ${formatClock(from, end, zone, true)} – ${formatClock(to, end, zone, true)}`}
            style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
          />
        ))}
      </span>
    </li>
  );
}

/** The times of each alert below each other, over the time that is drawn. */
export function Lanes({ test }: { readonly test: BackTest }) {
  const [zone] = useZone();
  const drawn = drawnOf(test);
  const lanes = lanesOf([...test.firings, ...test.pending], drawn);
  if (lanes.length === 0) return null;
  return (
    <>
      <ul className={styles['plain']} aria-label="Alerts over time">
        {lanes.slice(0, MOST_LANES).map((lane) => (
          <LaneRow key={lane.key} lane={lane} end={test.end} />
        ))}
      </ul>
      <p className={styles['ends']} aria-hidden>
        <span>{formatClock(drawn.start, test.end, zone)}</span>
        <span>
          <i data-state="pending" /> pending <i data-state="firing" /> firing
        </span>
        <span>{formatClock(test.end, test.end, zone)}</span>
      </p>
      {lanes.length > MOST_LANES && (
        <p className={styles['quiet']}>
          and {(lanes.length - MOST_LANES).toLocaleString('en')} more alerts, which fired for shorter
        </p>
      )}
    </>
  );
}
