import { Button, Checkbox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Lasting, RelativeTime } from '../../../ui/figures.tsx';
import { Section } from '../../../ui/states.tsx';
import { StatusIcon } from '../../../ui/status.tsx';
import type { AlertIncident, Member } from './contracts.ts';
import styles from './incident.module.css';
import { nameOf, whyWords } from './words.ts';

function MemberRow({
  member,
  chosen,
  choose,
}: {
  readonly member: Member;
  readonly chosen: boolean;
  /** Undefined where alerts cannot be chosen. */
  readonly choose: (() => void) | undefined;
}) {
  const { fingerprint, ended_at: endedAt, starts_at: startsAt, times, summary, severity, why } = member;
  const name = nameOf(member);
  return (
    <li className={styles['member']}>
      {choose !== undefined && (
        <Checkbox size="xs" aria-label={`Choose ${name}`} checked={chosen} onChange={choose} />
      )}
      <StatusIcon status={endedAt === null ? 'degraded' : 'healthy'} />
      <div className={styles['what']}>
        <span>
          <Link to="/alerts/$fingerprint" params={{ fingerprint }} search={{}} className={styles['title']}>
            {name}
          </Link>{' '}
          <span className={styles['quiet']}>
            {severity},{' '}
            {endedAt === null ? (
              <>
                fires <Lasting since={startsAt} />
              </>
            ) : (
              <>
                ended <RelativeTime at={endedAt} />
              </>
            )}
            {times > 1 && `, ${times} times`}
          </span>
        </span>
        {summary !== '' && <span className={styles['said']}>{summary}</span>}
        <span className={styles['why']}>
          {why.to === '' ? '' : `belongs here by ${why.score} points: `}
          {whyWords(member)}
        </span>
      </div>
    </li>
  );
}

export interface MembersProps {
  readonly incident: AlertIncident;
  readonly split: (fingerprints: readonly string[]) => void;
  readonly busy: boolean;
}

/** The alerts of an incident, each with why it belongs to it; what does not is taken out. */
export function Members({ incident, split, busy }: MembersProps) {
  const { members, beyond } = incident;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const wanted = members.filter(({ fingerprint }) => chosen.has(fingerprint));
  const toggle = (fingerprint: string): void => {
    const next = new Set(chosen);
    if (!next.delete(fingerprint)) next.add(fingerprint);
    setChosen(next);
  };
  const isAll = wanted.length === members.length;
  return (
    <Section
      title="Alerts"
      note={`${members.length + beyond} of them`}
      actions={
        wanted.length > 0 && (
          <Button
            size="compact-xs"
            variant="default"
            loading={busy}
            disabled={isAll}
            onClick={() => {
              split(wanted.map(({ fingerprint }) => fingerprint));
              setChosen(new Set());
            }}
          >
            {isAll ? 'One must stay' : `Take ${wanted.length} out into an incident of their own`}
          </Button>
        )
      }
    >
      <ul className={styles['rows']}>
        {members.map((member) => (
          <MemberRow
            key={member.fingerprint}
            member={member}
            chosen={chosen.has(member.fingerprint)}
            choose={members.length > 1 ? () => toggle(member.fingerprint) : undefined}
          />
        ))}
      </ul>
      {beyond > 0 && (
        <p className={styles['quiet']}>And {beyond.toLocaleString('en')} more, which are counted alone.</p>
      )}
    </Section>
  );
}
