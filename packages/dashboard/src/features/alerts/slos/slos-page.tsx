import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useListKeys } from '../../../keys/use-list-keys.ts';
import { Bone, EmptyState, ErrorState } from '../../../ui/states.tsx';
import { StatusBadge } from '../../../ui/status.tsx';
import styles from '../alerts.module.css';
import { Head } from '../head.tsx';
import { BudgetBar } from './budget-bar.tsx';
import type { Slo } from './contracts.ts';
import own from './slos.module.css';
import { useSlos } from './use-slos.ts';
import { coverage, forecast, percent, times, verdictOf, worstFirst } from './words.ts';

const COMMAND = `cat >> pharos.yaml <<'END'
slos:
  - name: order-availability
    service: order
    objective: 99.9
    ratio:
      bad: sum(rate(http_requests_total{job="order",status=~"5.."}[$window]))
      total: sum(rate(http_requests_total{job="order"}[$window]))
END`;
const NONE: readonly Slo[] = [];

function Row({ slo, selected }: { readonly slo: Slo; readonly selected: boolean }) {
  const notes = [forecast(slo), coverage(slo)].filter((note) => note !== '');
  return (
    <li className={own['slo']} data-selected={selected}>
      <StatusBadge status={slo.status} />
      <div className={styles['what']}>
        <span>
          <Link to="/alerts/slos/$name" params={{ name: slo.name }} search={{}} className={styles['link']}>
            <b>{slo.name}</b>
          </Link>{' '}
          {slo.description}
        </span>
        <span className={styles['quiet']}>
          {percent(slo.objective)} over {slo.window}
          {slo.service !== '' && (
            <>
              {' of '}
              <Link
                to="/services/$name"
                params={{ name: slo.service }}
                search={{}}
                className={`${styles['link']} ${own['within']}`}
              >
                {slo.service}
              </Link>
            </>
          )}
          {(slo.status !== 'healthy' || slo.tolerated) && `; ${slo.reason}`}
        </span>
      </div>
      <div className={own['left']}>
        <BudgetBar remaining={slo.budget_remaining} />
        <span className={styles['quiet']}>{notes.join('; ')}</span>
      </div>
      <span className={own['burn']}>
        {slo.burn['1h'] === null && slo.burn['6h'] === null ? (
          <span className={styles['quiet']}>{slo.rate === 0 ? 'no events' : 'burn rate not known'}</span>
        ) : (
          <>
            <span className={styles['quiet']}>burns </span>
            <span className="num">{times(slo.burn['1h'])}</span>
            <span className={styles['quiet']}> in 1 h, </span>
            <span className="num">{times(slo.burn['6h'])}</span>
            <span className={styles['quiet']}> in 6 h</span>
          </>
        )}
      </span>
    </li>
  );
}

/** Service level objectives: what is left of each budget, the worst first. */
export function SlosPage() {
  const { data, error, refetch } = useSlos();
  const navigate = useNavigate();
  const slos = useMemo(() => worstFirst(data?.slos ?? NONE), [data]);
  const selected = useListKeys(slos.length, 'objective', (index) => {
    const slo = slos[index];
    if (slo !== undefined)
      void navigate({ to: '/alerts/slos/$name', params: { name: slo.name }, search: {} });
  });
  if (error !== null && data === undefined)
    return <ErrorState what="The objectives" error={error} retry={() => void refetch()} />;
  return (
    <>
      <Head title="SLOs">{slos.length === 0 ? '' : verdictOf(slos)}</Head>
      {data === undefined && <Bone height={240} />}
      {data?.slos.length === 0 && (
        <EmptyState title="No objective yet" command={COMMAND}>
          An objective says which share of events must be good over a week or a month, of requests or of
          anything that PromQL can count. Its error budget, burn rates and alerts follow from it. Write it
          into pharos.yaml, then reload with SIGHUP.
        </EmptyState>
      )}
      {slos.length > 0 && (
        <ul className={styles['plain']}>
          {slos.map((slo, index) => (
            <Row key={slo.name} slo={slo} selected={index === selected} />
          ))}
        </ul>
      )}
    </>
  );
}
