import { Link } from '@tanstack/react-router';
import { Numeral } from '../../ui/figures.tsx';
import { formatDuration } from '../../ui/format.ts';
import { HistoryStrip } from '../../ui/history-strip.tsx';
import { Section } from '../../ui/states.tsx';
import type { Incident, ServiceRecord } from './contracts.ts';
import styles from './incidents.module.css';
import { partIn, troubleOf } from './words.ts';

/** Services that are shown; the rest is named by its number. */
const MOST_SHOWN = 50;

export interface RecordsProps {
  readonly records: readonly ServiceRecord[];
  readonly incidents: readonly Incident[];
  readonly from: number;
  readonly to: number;
}

/** Every service over the range, the one with the most trouble first: its states, its uptime, its part in incidents. */
export function Records({ records, incidents, from, to }: RecordsProps) {
  const sorted = records.toSorted(
    (a, b) => troubleOf(b.segments) - troubleOf(a.segments) || a.service.localeCompare(b.service, 'en'),
  );
  const shown = sorted.slice(0, MOST_SHOWN);
  return (
    <Section title="Services" note="the one with the most trouble first">
      <ul className={styles['records']}>
        {shown.map(({ service, uptime, segments }) => {
          const trouble = troubleOf(segments);
          const parts = partIn(incidents, service);
          return (
            <li key={service} className={styles['record']}>
              <Link
                to="/services/$name"
                params={{ name: service }}
                search={true}
                className={styles['service']}
              >
                {service}
              </Link>
              <HistoryStrip segments={segments} from={from} to={to} bare />
              <span className={styles['uptime']}>
                <Numeral value={uptime} unit="availability" /> <small>up</small>
              </span>
              <span className={styles['trouble']}>
                {parts === 0
                  ? 'no incident'
                  : `${parts} ${parts === 1 ? 'incident' : 'incidents'}, ${formatDuration(trouble)} not well`}
              </span>
            </li>
          );
        })}
      </ul>
      {sorted.length > shown.length && (
        <p className={styles['quiet']}>
          {sorted.length - shown.length} more services had less trouble than these.
        </p>
      )}
    </Section>
  );
}
