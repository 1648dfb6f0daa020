import { TextInput } from '@mantine/core';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { apiUrl } from '../../../api/base.ts';
import { ApiError } from '../../../api/client.ts';
import { rememberAuthor, rememberedAuthor } from '../../../ui/author.ts';
import { Lasting, RelativeTime } from '../../../ui/figures.tsx';
import { formatDuration } from '../../../ui/format.ts';
import { Bone, EmptyState, ErrorLine, ErrorState, Section } from '../../../ui/states.tsx';
import { StatusIcon } from '../../../ui/status.tsx';
import { toastDone, toastFailed } from '../../../ui/toast.ts';
import { NoteForm, Settings } from './acts.tsx';
import type { AlertIncident } from './contracts.ts';
import { Head } from './head.tsx';
import styles from './incident.module.css';
import { Members } from './members.tsx';
import { RootCause } from './root-cause.tsx';
import { Timeline } from './timeline.tsx';
import { useAct, useIncident, useIncidentList, type WantedAct } from './use-incidents.ts';
import { alertWords, lookOf, stateWords } from './words.ts';

function Verdict({ incident }: { readonly incident: AlertIncident }) {
  const { id, ended_at: endedAt, started_at: startedAt, severity, assignee, merged_into: into } = incident;
  return (
    <div className={styles['verdict']}>
      <span className={styles['state']}>
        <StatusIcon status={lookOf(incident)} />
        {stateWords(incident)}
      </span>
      <span>{severity}</span>
      <span>{alertWords(incident)}</span>
      <span>
        {endedAt === null ? (
          <Lasting since={startedAt} />
        ) : (
          <>
            began <RelativeTime at={startedAt} />, took {formatDuration(Math.max(0, endedAt - startedAt))}
          </>
        )}
      </span>
      <span>{assignee === '' ? 'nobody leads' : `led by ${assignee}`}</span>
      {into !== null && (
        <Link to="/incidents/$id" params={{ id: into }} search={{}} className={styles['link']}>
          Its alerts are part of #{into}
        </Link>
      )}
      <a
        href={apiUrl(`api/v1/incidents/${id}/export.md`)}
        download={`incident-${id}.md`}
        className={styles['link']}
      >
        Post-mortem (Markdown)
      </a>
    </div>
  );
}

/** Whom it hits, in the order in which it hit them, and who stands next to them. */
function Services({
  incident,
  neighbours,
}: {
  readonly incident: AlertIncident;
  readonly neighbours: readonly string[];
}) {
  const { services } = incident;
  const [first] = services;
  return (
    <Section title="Services" note="in the order in which they were hit">
      {first === undefined ? (
        <p className={styles['quiet']}>No alert of it names a service.</p>
      ) : (
        <>
          <ol className={styles['services']}>
            {services.map((name) => (
              <li key={name}>
                <Link to="/services/$name" params={{ name }} search={{}} className={styles['link']}>
                  {name}
                </Link>
              </li>
            ))}
          </ol>
          <p className={styles['quiet']}>
            {neighbours.length > 0 && <>Next to them: {neighbours.join(', ')}. </>}
            <Link to="/topology" search={{ node: first, around: first }} className={styles['link']}>
              On the map
            </Link>
          </p>
        </>
      )}
    </Section>
  );
}

function Who({ name, set }: { readonly name: string; readonly set: (name: string) => void }) {
  return (
    <TextInput
      size="xs"
      label="You are"
      description="Stands beside what you do, unless a login says who you are"
      value={name}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}

function Known({ account }: { readonly account: NonNullable<ReturnType<typeof useIncident>['data']> }) {
  const { incident, timeline, warnings, neighbours } = account;
  const navigate = useNavigate();
  const acting = useAct(incident.id);
  const { data: list } = useIncidentList();
  const [by, setBy] = useState(rememberedAuthor);
  const act = ({ what, body }: WantedAct, done: string, whenDone?: () => void): void => {
    const who = by.trim();
    acting.mutate(
      { what, body: who === '' ? body : { ...body, by: who } },
      {
        onSuccess: ({ id }) => {
          rememberAuthor(who);
          toastDone(done);
          whenDone?.();
          if (id !== incident.id) void navigate({ to: '/incidents/$id', params: { id }, search: {} });
        },
        onError: (error) => toastFailed('That was not done', error),
      },
    );
  };
  const busy = acting.isPending;
  const isMerged = incident.state === 'merged';
  return (
    <>
      <Head title={`#${incident.id} ${incident.title}`} />
      <Verdict incident={incident} />
      <div className={styles['columns']}>
        <div>
          <RootCause incident={incident} />
          <Timeline
            entries={timeline}
            warnings={warnings}
            members={incident.members}
            start={incident.started_at}
          />
        </div>
        <div>
          <Services incident={incident} neighbours={neighbours} />
          {!isMerged && (
            <>
              <Members
                incident={incident}
                busy={busy}
                split={(fingerprints) =>
                  act({ what: 'split', body: { fingerprints } }, 'They stand in an incident of their own')
                }
              />
              <Section title="What you do">
                <Who name={by} set={setBy} />
                <NoteForm incident={incident} act={act} busy={busy} />
                <Settings
                  key={`${incident.assignee} ${incident.given_title ?? ''}`}
                  incident={incident}
                  people={list?.people ?? []}
                  act={act}
                  busy={busy}
                />
              </Section>
            </>
          )}
        </div>
      </div>
    </>
  );
}

/** One incident: how bad, since when, what changed, whom it hits, why its alerts belong together, and what to do. */
export function IncidentPage() {
  const { id } = useParams({ from: '/incidents/$id' });
  const { data, error, refetch } = useIncident(id);
  if (error instanceof ApiError && (error.status === 404 || error.status === 400))
    return (
      <>
        <Head title="No such incident" />
        <EmptyState title={`There is no incident #${id}`}>
          Incidents are kept for 90 days after they were over.{' '}
          <Link to="/incidents" className={styles['link']}>
            All that are known
          </Link>
        </EmptyState>
      </>
    );
  if (error !== null && data === undefined)
    return <ErrorState what="The incident" error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Bone height={320} />;
  return (
    <>
      {error !== null && <ErrorLine what="Newer news of it" error={error} />}
      <Known key={data.incident.id} account={data} />
    </>
  );
}
