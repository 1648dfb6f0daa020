import { useHealth, useSummary } from '../../api/queries.ts';
import { Bone, EmptyState, ErrorState } from '../../ui/states.tsx';
import { Changes } from './changes.tsx';
import { Kpis } from './kpis.tsx';
import styles from './overview.module.css';
import { OverviewCharts } from './overview-charts.tsx';
import { ServiceTable } from './service-table.tsx';
import { Verdict } from './verdict.tsx';

/** One glance: which services are well, the three figures that matter, and what changed. */
export function OverviewPage() {
  const health = useHealth();
  const summary = useSummary();
  if (health.data?.services.length === 0) {
    return (
      <EmptyState title="No service yet" command="npm start">
        Pharos shows a service as soon as it scrapes one or a report of one comes in. The demo shop brings
        five of them; your own needs one entry under scrape_configs, or three lines of the SDK.
      </EmptyState>
    );
  }
  return (
    <>
      {health.data !== undefined ? (
        <Verdict services={health.data.services} />
      ) : health.error !== null ? (
        <ErrorState
          what="The state of your services"
          error={health.error}
          retry={() => void health.refetch()}
        />
      ) : (
        <div className={styles['verdict']}>
          <h1 className="sr-only">Overview</h1>
          <Bone width={320} height={24} />
        </div>
      )}
      {summary.data === undefined && summary.error !== null ? (
        <div className={styles['body']}>
          <ErrorState what="The figures" error={summary.error} retry={() => void summary.refetch()} />
        </div>
      ) : (
        <>
          <Kpis summary={summary.data} />
          <div className={styles['body']}>
            {summary.data === undefined ? (
              <Bone height={264} />
            ) : (
              <ServiceTable services={summary.data.services} health={health.data?.services ?? []} />
            )}
            {summary.data === undefined ? <Bone height={264} /> : <Changes changes={summary.data.changes} />}
          </div>
        </>
      )}
      <OverviewCharts />
    </>
  );
}
