import type { UseQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Health, SparklineData, Summary } from '../../api/contracts.ts';
import { useHealth, useSummary } from '../../api/queries.ts';
import { useTrends } from '../../api/use-trends.ts';
import { Changes } from '../../ui/changes.tsx';
import page from '../../ui/page.module.css';
import { Bone, EmptyState, ErrorState } from '../../ui/states.tsx';
import { KpiBones, Kpis } from './kpis.tsx';
import styles from './overview.module.css';
import { OverviewCharts } from './overview-charts.tsx';
import { ServiceTable } from './service-table.tsx';
import { Verdict } from './verdict.tsx';

function Head({ health }: { readonly health: UseQueryResult<Health> }) {
  if (health.data !== undefined) return <Verdict services={health.data.services} />;
  return (
    <ErrorState
      what="The state of your services"
      error={health.error ?? new Error('no answer')}
      retry={() => void health.refetch()}
    />
  );
}

function BodyBones() {
  return (
    <>
      <KpiBones />
      <div className={styles['body']}>
        <Bone height={264} />
        <Bone height={264} />
      </div>
    </>
  );
}

/** The page's shape until its first answer; replaced as a whole, so that nothing moves under the reader's eyes. */
function Waiting() {
  return (
    <div>
      <div className={styles['verdict']}>
        <h1 className="sr-only">Overview</h1>
        <Bone width={320} height={24} />
      </div>
      <BodyBones />
    </div>
  );
}

interface BodyProps {
  readonly summary: UseQueryResult<Summary>;
  readonly health: Health | undefined;
  readonly trends: ReadonlyMap<string, SparklineData>;
}

function Body({ summary, health, trends }: BodyProps) {
  const { data, error, refetch } = summary;
  const sparklines = useMemo(() => [...trends.values()], [trends]);
  if (data === undefined) {
    return error === null ? (
      <BodyBones />
    ) : (
      <div className={styles['body']}>
        <ErrorState what="The figures" error={error} retry={() => void refetch()} />
      </div>
    );
  }
  return (
    <>
      <Kpis summary={data} trends={sparklines} />
      <div className={styles['body']}>
        <ServiceTable
          services={data.services}
          health={health?.services ?? []}
          window={data.window}
          trends={trends}
        />
        <Changes changes={data.changes} />
      </div>
    </>
  );
}

/** One glance: which services are well, the three figures that matter, and what changed. */
export function OverviewPage() {
  const health = useHealth();
  const summary = useSummary();
  const trends = useTrends();
  if (health.data?.services.length === 0) {
    return (
      <>
        <div className={page['pageHead']}>
          <h1>Overview</h1>
        </div>
        <EmptyState title="No service yet" command="npm start">
          Pharos shows a service as soon as it reads its metrics or a report of it comes in. This command
          starts the demo shop with five of them; your own needs one entry under scrape_configs, or three
          lines of the SDK.
        </EmptyState>
      </>
    );
  }
  if (health.data === undefined && health.error === null) return <Waiting />;
  // One cause, one message: when not even the state comes, the rest fails for the same reason.
  if (health.data === undefined && summary.data === undefined) {
    return (
      <>
        <h1 className="sr-only">Overview</h1>
        <Head health={health} />
      </>
    );
  }
  return (
    <>
      <Head health={health} />
      <Body summary={summary} health={health.data} trends={trends} />
      <OverviewCharts />
    </>
  );
}
