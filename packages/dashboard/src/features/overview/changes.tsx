import { Link } from '@tanstack/react-router';
import type { Change } from '../../api/contracts.ts';
import { RelativeTime } from '../../ui/figures.tsx';
import { IconNote, IconRocket } from '../../ui/icons.ts';
import { Command, Section } from '../../ui/states.tsx';
import { StatusIcon } from '../../ui/status.tsx';
import styles from './overview.module.css';

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

/** What changed: deployments, notes and changes of state, newest first. */
export function Changes({ changes }: { readonly changes: readonly Change[] }) {
  const newest = changes.toSorted((a, b) => b.at - a.at).slice(0, MOST_SHOWN);
  return (
    <Section title="What changed">
      {newest.length === 0 ? (
        <>
          <p className={styles['note']}>
            No deployment, note or change of state lately. Mark a deployment with
          </p>
          <Command
            text={`curl -X POST ${location.origin}/api/v1/annotations -H 'content-type: application/json' -d '{"kind":"deployment","service":"order","title":"order 1.4.2"}'`}
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
