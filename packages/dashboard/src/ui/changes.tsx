import { Link } from '@tanstack/react-router';
import type { Change } from '../api/contracts.ts';
import styles from './changes.module.css';
import { RelativeTime } from './figures.tsx';
import { IconNote, IconRocket } from './icons.ts';
import { Command, Section } from './states.tsx';
import { StatusIcon } from './status.tsx';

const MOST_SHOWN = 12;

function Mark({ change }: { readonly change: Change }) {
  if (change.kind === 'state') return <StatusIcon status={change.to ?? 'unknown'} />;
  return change.kind === 'deployment' ? (
    <IconRocket size={16} className={styles['deploy']} aria-hidden />
  ) : (
    <IconNote size={16} className={styles['note']} aria-hidden />
  );
}

function Entry({ change }: { readonly change: Change }) {
  const { service } = change;
  const title =
    change.kind === 'state' && change.to != null ? `${service ?? 'A service'} is ${change.to}` : change.title;
  return (
    <li className={styles['change']}>
      <Mark change={change} />
      <span className={styles['changeTitle']}>
        {service == null ? (
          title
        ) : (
          <Link to="/services/$name" params={{ name: service }} search={true}>
            {title}
          </Link>
        )}
      </span>
      <span className={styles['when']}>
        <RelativeTime at={change.at} />
      </span>
      {change.text !== '' && <span className={styles['changeText']}>{change.text}</span>}
    </li>
  );
}

export interface ChangesProps {
  readonly changes: readonly Change[];
  /** The service whose deployment the example marks. */
  readonly example?: string;
}

/** What changed: deployments, notes and changes of state, newest first. */
export function Changes({ changes, example = 'order' }: ChangesProps) {
  const newest = changes.toSorted((a, b) => b.at - a.at).slice(0, MOST_SHOWN);
  return (
    <Section title="What changed">
      {newest.length === 0 ? (
        <>
          <p className={styles['note']}>
            No deployment, note or change of state lately. A deployment shows by itself where spans name their
            version (service.version); mark any other with
          </p>
          <Command
            text={`curl -X POST ${location.origin}/api/v1/annotations -H 'content-type: application/json' -d '{"kind":"deployment","service":"${example}","title":"${example} 1.4.2"}'`}
          />
        </>
      ) : (
        <ul className={styles['changes']}>
          {newest.map((change) => (
            <Entry
              key={`${change.at} ${change.service ?? ''} ${change.title} ${change.to ?? ''}`}
              change={change}
            />
          ))}
        </ul>
      )}
    </Section>
  );
}
