import { Button, Checkbox } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { Lasting, RelativeTime } from '../../../ui/figures.tsx';
import { Section } from '../../../ui/states.tsx';
import { StatusIcon } from '../../../ui/status.tsx';
import { type FoldedMembers, foldedMembers, pointsWords } from './alike.ts';
import type { AlertIncident, Member } from './contracts.ts';
import styles from './incident.module.css';
import { lookOfAlert, nameOf, whyWords } from './words.ts';

interface Choice {
  /** Fingerprints. */
  readonly chosen: ReadonlySet<string>;
  /** Undefined where alerts cannot be chosen. */
  readonly choose: ((members: readonly Member[], isChosen: boolean) => void) | undefined;
}

function MemberRow({ member, chosen, choose }: Choice & { readonly member: Member }) {
  const { fingerprint, ended_at: endedAt, starts_at: startsAt, times, summary, severity, why } = member;
  const name = nameOf(member);
  return (
    <li className={styles['member']}>
      {choose !== undefined && (
        <Checkbox
          size="xs"
          aria-label={`Choose ${name}`}
          checked={chosen.has(fingerprint)}
          onChange={(event) => choose([member], event.currentTarget.checked)}
        />
      )}
      <StatusIcon status={lookOfAlert(severity, endedAt !== null)} />
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

/** One row for alerts that are alike, which opens to all of them. */
function FoldedRow({ folded, chosen, choose }: Choice & { readonly folded: FoldedMembers }) {
  const { name, about, severity, isOver, members } = folded;
  const many = members.filter(({ fingerprint }) => chosen.has(fingerprint)).length;
  return (
    <li className={styles['member']}>
      {choose !== undefined && (
        <Checkbox
          size="xs"
          aria-label={`Choose all ${members.length} alerts ${name}`}
          checked={many === members.length}
          indeterminate={many > 0 && many < members.length}
          onChange={(event) => choose(members, event.currentTarget.checked)}
        />
      )}
      <StatusIcon status={lookOfAlert(severity, isOver)} />
      <details className={styles['alike']}>
        <summary>
          {members.length} alerts {name}{' '}
          <span className={styles['quiet']}>
            {severity},{' '}
            {isOver ? (
              <>
                ended, the last <RelativeTime at={Math.max(...members.map((one) => one.ended_at ?? 0))} />
              </>
            ) : (
              <>
                fire, the first <Lasting since={Math.min(...members.map((one) => one.starts_at))} />
              </>
            )}
          </span>
          {about !== '' && <span className={styles['said']}>{about}</span>}
        </summary>
        <p className={styles['why']}>belong here by {pointsWords(members)}</p>
        <ul className={styles['rows']}>
          {members.map((member) => (
            <MemberRow key={member.fingerprint} member={member} chosen={chosen} choose={choose} />
          ))}
        </ul>
      </details>
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
  const rows = useMemo(() => foldedMembers(members), [members]);
  const choose: Choice['choose'] =
    members.length > 1
      ? (some, isChosen) => {
          const next = new Set(chosen);
          for (const { fingerprint } of some)
            if (isChosen) next.add(fingerprint);
            else next.delete(fingerprint);
          setChosen(next);
        }
      : undefined;
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
        {rows.map((row) =>
          'members' in row ? (
            <FoldedRow key={row.key} folded={row} chosen={chosen} choose={choose} />
          ) : (
            <MemberRow key={row.fingerprint} member={row} chosen={chosen} choose={choose} />
          ),
        )}
      </ul>
      {beyond > 0 && (
        <p className={styles['quiet']}>And {beyond.toLocaleString('en')} more, which are counted alone.</p>
      )}
    </Section>
  );
}
