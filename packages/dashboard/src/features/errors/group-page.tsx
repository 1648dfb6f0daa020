import { Button } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { Numeral, RelativeTime } from '../../ui/figures.tsx';
import shell from '../../ui/page.module.css';
import { Sparkline } from '../../ui/sparkline.tsx';
import { Bone, ErrorLine, ErrorState, Section } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import type { EventDetail, GroupDetail } from './contracts.ts';
import { Decisions } from './decisions.tsx';
import styles from './errors.module.css';
import { GroupStatusMark } from './group-status.tsx';
import { Stack } from './stack.tsx';
import { useErrorEvent, useGroup, useGroupEvents, useLinesAround } from './use-errors.ts';

function Facts({ group }: { readonly group: GroupDetail }) {
  return (
    <dl className={styles['facts']}>
      <dt>Errors</dt>
      <dd>
        <Numeral value={group.count} unit="count" />, {group.rate_per_minute.toFixed(1)} a minute
      </dd>
      <dt>Users</dt>
      <dd>
        {!group.users_exact && 'about '}
        <Numeral value={group.users} unit="count" />
      </dd>
      <dt>First, last</dt>
      <dd>
        <RelativeTime at={group.first_seen} />, <RelativeTime at={group.last_seen} />
      </dd>
      <dt>Services</dt>
      <dd>
        {group.services.map((name) => (
          <Link key={name} to="/services/$name" params={{ name }} search={true} className={styles['link']}>
            {name}
          </Link>
        ))}
      </dd>
      <dt>Releases</dt>
      <dd>{group.releases.join(', ') || 'not said'}</dd>
      <dt>Environments</dt>
      <dd>{group.environments.map(({ name, count }) => `${name || 'not said'} (${count})`).join(', ')}</dd>
      <dt>Last 7 days</dt>
      <dd>
        <Sparkline values={group.week.counts} color="var(--accent)" width={220} height={32} floor={1} />
      </dd>
    </dl>
  );
}

/** From an error to its trace, its request, its logs. */
function Joins({ event }: { readonly event: EventDetail }) {
  return (
    <p className={styles['joins']}>
      {event.trace_id !== '' && (
        <>
          <Link
            to="/traces/$traceId"
            params={{ traceId: event.trace_id }}
            search={{}}
            className={styles['link']}
          >
            Its trace
          </Link>
          <Link
            to="/logs"
            search={{ q: `{service_name=~".+"} | trace_id=${JSON.stringify(event.trace_id)}` }}
            className={styles['link']}
          >
            Its logs
          </Link>
        </>
      )}
      {event.request_id !== '' && (
        <Link
          to="/requests/$requestId"
          params={{ requestId: event.request_id }}
          search={true}
          className={styles['link']}
        >
          Its request
        </Link>
      )}
      <span className={styles['quiet']}>
        <RelativeTime at={event.timestamp} /> in {event.service}
        {event.transaction !== '' && `, ${event.transaction}`}
        {event.user !== '' && `, user ${event.user}`}
        {event.release !== '' && `, release ${event.release}`}
      </span>
    </p>
  );
}

/** What happened before: the steps the sender knows, and the lines of the trace. */
function Before({ event }: { readonly event: EventDetail }) {
  const { data = [], error } = useLinesAround(event.trace_id, event.timestamp);
  const steps = [
    ...event.breadcrumbs.map((crumb) => ({ ...crumb, of: crumb.category })),
    ...data.map((line) => ({ ...line, of: line.service })),
  ].toSorted((a, b) => a.timestamp - b.timestamp);
  return (
    <Section title="What happened around it" note="steps of the sender and log lines of the trace">
      {error !== null && <ErrorLine what="Its log lines" error={error} />}
      <ol className={styles['steps']}>
        {steps.map((step, index) => (
          // Steps of one millisecond may be equal.
          <li
            key={`${step.timestamp} ${step.of} ${index}`}
            data-bad={step.level === 'error' || step.level === 'fatal'}
          >
            <time className="num">{((step.timestamp - event.timestamp) / 1000).toFixed(3)} s</time>
            <span>{step.of}</span>
            <span>{step.level}</span>
            <code>{step.message}</code>
          </li>
        ))}
      </ol>
      {steps.length === 0 && <p className={table['quiet']}>Nothing is known of what came before.</p>}
    </Section>
  );
}

function Events({
  group,
  chosen,
  choose,
}: {
  readonly group: GroupDetail;
  readonly chosen: string;
  readonly choose: (id: string) => void;
}) {
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useGroupEvents(group.id);
  const events = data?.pages.flatMap((page) => page.events) ?? [];
  return (
    <Section
      title="Its errors"
      note={data === undefined ? '' : `the newest ${events.length} of ${group.count}`}
    >
      {error !== null && data === undefined && <ErrorLine what="The errors" error={error} />}
      <ul className={styles['events']}>
        {events.map((event) => (
          <li key={event.id}>
            <button type="button" aria-pressed={event.id === chosen} onClick={() => choose(event.id)}>
              <RelativeTime at={event.timestamp} />
              <span>{event.user}</span>
              <span>{event.message}</span>
            </button>
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button
          size="compact-xs"
          variant="default"
          loading={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          Older ones
        </Button>
      )}
    </Section>
  );
}

function EventView({ id }: { readonly id: string }) {
  const { data, error } = useErrorEvent(id);
  if (data === undefined)
    return error === null ? <Bone height={240} /> : <ErrorLine what="The error" error={error} />;
  return (
    <>
      <Joins event={data} />
      <Stack event={data} />
      <Before event={data} />
      {(data.tags.length > 0 || data.context.length > 0) && (
        <Section title="Tags and context">
          <dl className={styles['facts']}>
            {[...data.tags, ...data.context].map(({ name, value }, index) => [
              <dt key={`${name} ${index}`}>{name}</dt>,
              <dd key={`${name} ${index} value`}>
                <code>{value}</code>
              </dd>,
            ])}
          </dl>
        </Section>
      )}
    </>
  );
}

/** One problem: where it is thrown, what came before, whom it hurts, and what was decided. */
export function GroupPage() {
  const { groupId } = useParams({ from: '/errors/$groupId' });
  const { data: group, error, refetch } = useGroup(groupId);
  const [chosen, setChosen] = useState('');
  if (group === undefined)
    return error === null ? (
      <Bone height={320} />
    ) : (
      <ErrorState what="The group of errors" error={error} retry={() => void refetch()} />
    );
  const shown = chosen === '' ? group.latest_event : chosen;
  return (
    <>
      <div className={shell['pageHead']}>
        <h1>{group.name}</h1>
        <GroupStatusMark status={group.status} severity={group.severity} />
        <p className={styles['message']}>{group.message}</p>
      </div>
      <Decisions group={group} />
      <div className={styles['columns']}>
        <div>
          <EventView id={shown} />
        </div>
        <aside>
          <Facts group={group} />
          <Events group={group} chosen={shown} choose={setChosen} />
          <Section title="Decisions">
            <ul className={styles['audit']}>
              {group.audit.map(({ at, by, action, detail }) => (
                <li key={`${at} ${action}`}>
                  {action} {detail} <RelativeTime at={at} /> {by !== '' && `by ${by}`}
                </li>
              ))}
            </ul>
            {group.audit.length === 0 && <p className={table['quiet']}>Nothing was decided yet.</p>}
          </Section>
          <Section title="Why these are one" note={`grouping ${group.grouping.version}`}>
            <ul className={styles['audit']}>
              {group.grouping.parts.map((part) => (
                <li key={part}>
                  <code>{part}</code>
                </li>
              ))}
            </ul>
          </Section>
        </aside>
      </div>
    </>
  );
}
