import { Button } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useListKeys } from '../../keys/use-list-keys.ts';
import { boundsOf, type TimeRange } from '../../time/range.ts';
import { useTimeRange } from '../../time/use-range.ts';
import { formatDuration } from '../../ui/format.ts';
import page from '../../ui/page.module.css';
import { Bone, ErrorLine, ErrorState, Section } from '../../ui/states.tsx';
import type { Incident } from './contracts.ts';
import { IncidentItem } from './incident.tsx';
import styles from './incidents.module.css';
import { Head } from './of-alerts/head.tsx';
import { Records } from './records.tsx';
import { useIncidents } from './use-incidents.ts';

/** Incidents that are listed; a reader who needs more takes another range. */
const MOST_SHOWN = 200;
const LONGER = '24h';
const LONGER_SECONDS = 86_400;

function spanOf(range: TimeRange): string {
  const { from, to } = boundsOf(range, 0);
  return formatDuration(to - from);
}

/** "3 in 1 h, 1 of them lasts" */
function verdict(incidents: readonly Incident[], range: TimeRange): string {
  if (incidents.length === 0) return `nothing was wrong in ${spanOf(range)}`;
  const lasting = incidents.filter(({ to }) => to === null).length;
  if (incidents.length === 1) return `one in ${spanOf(range)}, ${lasting === 1 ? 'it lasts' : 'it is over'}`;
  const now = lasting === 0 ? 'none lasts' : `${lasting} of them ${lasting === 1 ? 'lasts' : 'last'}`;
  return `${incidents.length} in ${spanOf(range)}, ${now}`;
}

function ServiceFilter({ service }: { readonly service: string }) {
  const navigate = useNavigate({ from: '/incidents/health' });
  return (
    <Button
      size="compact-xs"
      variant="filled"
      onClick={() =>
        void navigate({ search: (previous) => ({ ...previous, service: undefined }), replace: true })
      }
    >
      {service} ×
    </Button>
  );
}

function List({ incidents, now }: { readonly incidents: readonly Incident[]; readonly now: number }) {
  const { open } = useSearch({ from: '/incidents/health' });
  const navigate = useNavigate({ from: '/incidents/health' });
  const shown = incidents.slice(0, MOST_SHOWN);
  const opened = open ?? shown[0]?.from;
  const toggle = (incident: Incident | undefined): void => {
    if (incident === undefined) return;
    const next = incident.from === opened ? 0 : incident.from;
    void navigate({ search: (previous) => ({ ...previous, open: next }), replace: true });
  };
  const chosen = useListKeys(shown.length, 'incident', (index) => toggle(shown[index]));
  return (
    <>
      <ul className={styles['list']}>
        {shown.map((incident, index) => (
          <IncidentItem
            key={incident.from}
            incident={incident}
            now={now}
            open={incident.from === opened}
            chosen={index === chosen}
            toggle={() => toggle(incident)}
          />
        ))}
      </ul>
      {incidents.length > shown.length && (
        <p className={styles['quiet']}>
          {incidents.length - shown.length} older ones are not shown: choose a shorter range, or one service.
        </p>
      )}
    </>
  );
}

/** Nothing happened: says so, and where to look for what happened before. */
function Nothing({ range }: { readonly range: TimeRange }) {
  const [, setRange] = useTimeRange();
  const short = range.kind === 'relative' && range.seconds < LONGER_SECONDS;
  return (
    <p className={styles['quiet']}>
      No service was degraded or unhealthy in {spanOf(range)}.{' '}
      {short && (
        <button
          type="button"
          className={page['linkish']}
          onClick={() => setRange({ kind: 'relative', range: LONGER, seconds: LONGER_SECONDS })}
        >
          Look at the last 24 hours
        </button>
      )}
    </p>
  );
}

/** What went wrong, when, why, what was caused by what, how long it took: incident by incident and service by service. */
export function IncidentsPage() {
  const { service } = useSearch({ from: '/incidents/health' });
  const [range] = useTimeRange();
  const { data, error, dataUpdatedAt, refetch } = useIncidents(range, service);
  if (error !== null && data === undefined)
    return <ErrorState what="The incidents" error={error} retry={() => void refetch()} />;
  const { from, to } = boundsOf(range, dataUpdatedAt);
  return (
    <>
      <Head title="Health over time">
        {data !== undefined && <p>{verdict(data.incidents, range)}</p>}
        {service !== undefined && <ServiceFilter service={service} />}
      </Head>
      {error !== null && <ErrorLine what="Newer incidents" error={error} />}
      {data === undefined && <Bone height={320} />}
      {data !== undefined && (
        <>
          <Section title="What happened">
            {data.incidents.length === 0 ? (
              <Nothing range={range} />
            ) : (
              <List incidents={data.incidents} now={dataUpdatedAt} />
            )}
          </Section>
          <Records records={data.services} incidents={data.incidents} from={from} to={to} />
        </>
      )}
    </>
  );
}
