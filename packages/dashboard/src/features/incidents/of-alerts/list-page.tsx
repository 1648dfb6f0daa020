import { Button } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useListKeys } from '../../../keys/use-list-keys.ts';
import { StateChip } from '../../../ui/chip.tsx';
import { Lasting, RelativeTime } from '../../../ui/figures.tsx';
import { formatDuration } from '../../../ui/format.ts';
import { Bone, EmptyState, ErrorLine, ErrorState } from '../../../ui/states.tsx';
import { StatusIcon } from '../../../ui/status.tsx';
import {
  INCIDENT_STATES,
  type IncidentAnswer,
  type IncidentState,
  type IncidentSummary,
} from './contracts.ts';
import { Head } from './head.tsx';
import styles from './incident.module.css';
import type { ListSearch } from './search.ts';
import { useIncidentList } from './use-incidents.ts';
import { alertWords, lookOf, urgentFirst } from './words.ts';

const COMMAND = `amtool --alertmanager.url=${window.location.origin} alert add alertname=Hello service=order severity=warning`;

function Row({ one, chosen }: { readonly one: IncidentSummary; readonly chosen: boolean }) {
  const { id, title, severity, services, assignee, ended_at: endedAt, started_at: startedAt } = one;
  return (
    <li className={styles['row']} data-selected={chosen}>
      <StatusIcon status={lookOf(one)} />
      <div className={styles['what']}>
        <Link to="/incidents/$id" params={{ id }} search={{}} className={styles['title']}>
          <span className={styles['number']}>#{id}</span> {title}
        </Link>
        <span className={styles['quiet']}>
          {severity}, {alertWords(one)}
          {services.length > 0 && `, in ${services.join(', ')}`}
          {one.state === 'merged' && `, merged into #${one.merged_into ?? ''}`}
        </span>
      </div>
      <span className={styles['who']}>{assignee === '' ? 'nobody leads' : assignee}</span>
      <span className={styles['when']}>
        {endedAt === null ? (
          <Lasting since={startedAt} />
        ) : (
          <>
            <RelativeTime at={startedAt} />, took {formatDuration(Math.max(0, endedAt - startedAt))}
          </>
        )}
      </span>
    </li>
  );
}

function List({ incidents }: { readonly incidents: readonly IncidentSummary[] }) {
  const navigate = useNavigate();
  const chosen = useListKeys(incidents.length, 'incident', (index) => {
    const id = incidents[index]?.id;
    if (id !== undefined) void navigate({ to: '/incidents/$id', params: { id }, search: {} });
  });
  return (
    <ul className={styles['rows']} aria-label="Incidents, those that are open first">
      {incidents.map((one, index) => (
        <Row key={one.id} one={one} chosen={index === chosen} />
      ))}
    </ul>
  );
}

const LOOKS = { open: 'degraded', resolved: 'healthy', merged: null } as const;

function Filters({
  search,
  incidents,
  set,
}: {
  readonly search: ListSearch;
  readonly incidents: readonly IncidentSummary[];
  readonly set: (next: ListSearch) => void;
}) {
  const count = (state: IncidentState): number => incidents.filter((one) => one.state === state).length;
  return (
    <div className={styles['filters']}>
      {INCIDENT_STATES.map((state) => (
        <StateChip
          key={state}
          count={count(state)}
          word={state}
          look={LOOKS[state]}
          chosen={search.state === state}
          toggle={() => set({ state: search.state === state ? undefined : state })}
        />
      ))}
      {search.service !== undefined && (
        <Button size="compact-xs" variant="filled" onClick={() => set({ service: undefined })}>
          {search.service} ×
        </Button>
      )}
    </div>
  );
}

function Listed({ data, search }: { readonly data: IncidentAnswer; readonly search: ListSearch }) {
  const navigate = useNavigate({ from: '/incidents' });
  const { incidents, total } = data;
  const shown = urgentFirst(
    incidents.filter(({ state }) => search.state === undefined || search.state === state),
  );
  if (incidents.length === 0 && search.service === undefined)
    return (
      <EmptyState title="No incident yet" command={COMMAND}>
        Alerts that begin together, in services that call each other or in the same place, stand here as one
        incident, with everything that happened around it. This sends an alert to try it.
      </EmptyState>
    );
  const set = (next: ListSearch): void =>
    void navigate({ search: (previous) => ({ ...previous, ...next }), replace: true });
  return (
    <>
      <Filters search={search} incidents={incidents} set={set} />
      {shown.length === 0 ? (
        <p className={styles['quiet']}>No incident is left by these filters.</p>
      ) : (
        <List incidents={shown} />
      )}
      {total > incidents.length && (
        <p className={styles['quiet']}>{total - incidents.length} older ones are not shown.</p>
      )}
    </>
  );
}

/** Alerts that belong together, as incidents: what is open, how bad, since when, who leads. */
export function IncidentListPage() {
  const search = useSearch({ from: '/incidents' });
  const { data, error, refetch } = useIncidentList(search.service);
  if (error !== null && data === undefined)
    return <ErrorState what="The incidents" error={error} retry={() => void refetch()} />;
  return (
    <>
      <Head title="Incidents">
        {data !== undefined && <p>{data.open === 0 ? 'none is open' : `${data.open} open`}</p>}
      </Head>
      {error !== null && <ErrorLine what="Newer incidents" error={error} />}
      {data === undefined ? <Bone height={240} /> : <Listed data={data} search={search} />}
    </>
  );
}
