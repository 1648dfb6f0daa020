import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useZone } from '../../time/use-range.ts';
import { Lasting, RelativeTime } from '../../ui/figures.tsx';
import { formatClock, formatDuration } from '../../ui/format.ts';
import { IconChevronDown, IconChevronRight } from '../../ui/icons.ts';
import page from '../../ui/page.module.css';
import { StatusIcon } from '../../ui/status.tsx';
import type { Incident } from './contracts.ts';
import styles from './incidents.module.css';
import { type StoryLine, storyOf, titleOf, turnsOf } from './words.ts';

/** What was going on before an incident is part of its story. */
const AROUND_MS = 120_000;

function Line({ line, from }: { readonly line: StoryLine; readonly from: number }) {
  const [zone] = useZone();
  return (
    <li className={styles['line']}>
      <span className={`num ${styles['clock']}`}>
        {formatClock(line.at, line.at, zone, true)}
        <small>+{formatDuration(line.at - from)}</small>
      </span>
      <StatusIcon status={line.status} />
      <div>
        <Link
          to="/services/$name"
          params={{ name: line.service }}
          search={true}
          className={styles['service']}
        >
          {line.service}
        </Link>{' '}
        {line.what}
        {line.causedBy.length > 0 && (
          <span className={styles['cause']}>, because of {line.causedBy.join(' and ')}</span>
        )}
        {line.reason !== '' && <p className={styles['reason']}>{line.reason}</p>}
      </div>
    </li>
  );
}

function Story({ incident, now }: { readonly incident: Incident; readonly now: number }) {
  const around = {
    range: undefined,
    from: Math.round(incident.from - AROUND_MS),
    to: Math.round(Math.min(now, (incident.to ?? now) + AROUND_MS)),
  };
  const [all, setAll] = useState(false);
  const story = storyOf(incident);
  const turns = turnsOf(story);
  const [first] = incident.services;
  return (
    <>
      <ol className={styles['story']}>
        {(all ? story : turns).map((line) => (
          <Line key={`${line.at} ${line.service} ${line.what}`} line={line} from={incident.from} />
        ))}
      </ol>
      {story.length > turns.length && (
        <p className={styles['links']}>
          <button type="button" className={page['linkish']} onClick={() => setAll(!all)}>
            {all ? 'Only the turns' : `All that was said: ${story.length - turns.length} more lines`}
          </button>
        </p>
      )}
      {first !== undefined && (
        <p className={styles['links']}>
          At that time:{' '}
          <Link to="/services/$name" params={{ name: first.service }} search={around}>
            the curves of {first.service}
          </Link>
          <Link to="/logs" search={{ ...around, q: `{service_name=${JSON.stringify(first.service)}}` }}>
            its logs
          </Link>
          <Link to="/traces" search={{ ...around, service: first.service }}>
            its traces
          </Link>
        </p>
      )}
    </>
  );
}

export interface IncidentItemProps {
  readonly incident: Incident;
  readonly now: number;
  readonly open: boolean;
  readonly chosen: boolean;
  readonly toggle: () => void;
}

/** One incident as a line that opens into its story. */
export function IncidentItem({ incident, now, open, chosen, toggle }: IncidentItemProps) {
  const Chevron = open ? IconChevronDown : IconChevronRight;
  const [zone] = useZone();
  return (
    <li className={styles['incident']} data-selected={chosen}>
      <button type="button" className={styles['head']} aria-expanded={open} onClick={toggle}>
        <StatusIcon status={incident.worst} />
        <span className={styles['title']}>{titleOf(incident)}</span>
        <span className={styles['when']}>
          {incident.to === null ? (
            `since ${formatClock(incident.from, now, zone)}`
          ) : (
            <RelativeTime at={incident.from} />
          )}
        </span>
        <span className={styles['lasted']}>
          {incident.to === null ? (
            <Lasting since={incident.from} />
          ) : (
            `over after ${formatDuration(incident.to - incident.from)}`
          )}
        </span>
        <Chevron size={16} aria-hidden />
      </button>
      {open && <Story incident={incident} now={now} />}
    </li>
  );
}
