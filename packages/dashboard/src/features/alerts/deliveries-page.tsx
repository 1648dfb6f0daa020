import { Button } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useTimeRange } from '../../time/use-range.ts';
import { StateChip } from '../../ui/chip.tsx';
import { RelativeTime } from '../../ui/figures.tsx';
import { Bone, EmptyState, ErrorState } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import { useRowList } from '../../ui/use-row-list.ts';
import { VirtualList } from '../../ui/virtual-list.tsx';
import styles from './alerts.module.css';
import { DELIVERY_STATES, type Delivery, type DeliveryState } from './contracts.ts';
import own from './deliveries.module.css';
import { DeliveryRow, LOOKS } from './delivery-row.tsx';
import { Head } from './head.tsx';
import type { DeliveriesSearch } from './search.ts';
import { useDeliveries } from './use-alerts.ts';

const ROW_PX = 52;
const COMMAND = `amtool --alertmanager.url=${window.location.origin} alert add alertname=Hello severity=info --annotation=summary='Is anybody there?'`;

function List({ deliveries }: { readonly deliveries: readonly Delivery[] }) {
  const navigate = useNavigate();
  const list = useRowList({
    count: deliveries.length,
    heightPx: ROW_PX,
    keyOf: (index) => deliveries[index]?.id ?? index,
    what: 'delivery',
    open: (index) => {
      const fingerprint = deliveries[index]?.about[0]?.fingerprint;
      if (fingerprint !== undefined)
        void navigate({ to: '/alerts/$fingerprint', params: { fingerprint }, search: {} });
    },
  });
  return (
    <VirtualList list={list} className={styles['list']} label="Deliveries, the newest first">
      {(index) => {
        const delivery = deliveries[index];
        return delivery === undefined ? null : <DeliveryRow delivery={delivery} />;
      }}
    </VirtualList>
  );
}

/** How each receiver does over the range: the ones that refuse first. */
function Receivers({
  receivers,
  chosen,
  set,
}: {
  readonly receivers: NonNullable<ReturnType<typeof useDeliveries>['data']>['receivers'];
  readonly chosen: string | undefined;
  readonly set: (next: DeliveriesSearch) => void;
}) {
  return (
    <div className={`${table['scroll']} ${own['receivers']}`}>
      <table className={table['table']}>
        <thead>
          <tr>
            <th>Receiver</th>
            {DELIVERY_STATES.map((state) => (
              <th key={state} className={table['right']}>
                {state}
              </th>
            ))}
            <th className={table['right']}>last taken</th>
            <th className={table['right']}>last refused</th>
          </tr>
        </thead>
        <tbody>
          {receivers.map(({ receiver, integration, counts, last_sent_at: sent, last_failed_at: failed }) => (
            <tr key={`${receiver} ${integration}`} data-selected={receiver === chosen}>
              <td>
                <button
                  type="button"
                  className={styles['pick']}
                  onClick={() => set({ receiver: receiver === chosen ? undefined : receiver })}
                >
                  {receiver} <span className={styles['quiet']}>{integration}</span>
                </button>
              </td>
              {DELIVERY_STATES.map((state) => (
                <td key={state} className={`${table['right']} num`}>
                  {(counts[state] ?? 0).toLocaleString('en')}
                </td>
              ))}
              <td className={table['right']}>{sent === null ? '–' : <RelativeTime at={sent} />}</td>
              <td className={table['right']}>{failed === null ? '–' : <RelativeTime at={failed} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What was sent to whom: state, tries, and what went wrong. */
export function DeliveriesPage() {
  const search = useSearch({ from: '/alerts/deliveries' });
  const navigate = useNavigate({ from: '/alerts/deliveries' });
  const [range] = useTimeRange();
  const { data, error, refetch } = useDeliveries(range, search);
  const set = (next: DeliveriesSearch): void =>
    void navigate({ search: (previous) => ({ ...previous, ...next }), replace: true });
  if (error !== null && data === undefined)
    return <ErrorState what="The deliveries" error={error} retry={() => void refetch()} />;
  if (data === undefined) return <Bone height={320} />;
  const none = data.receivers.length === 0;
  const sum = (state: DeliveryState): number =>
    data.receivers.reduce((total, { counts }) => total + (counts[state] ?? 0), 0);
  return (
    <>
      <Head title="Deliveries">
        {none
          ? 'nothing was sent in this time range'
          : `${data.total.toLocaleString('en')} in this time range`}
      </Head>
      {data.partial && (
        <p className={styles['quiet']} role="status">
          Older deliveries of this time range are not counted: choose a shorter one, or try again.
        </p>
      )}
      {none ? (
        <EmptyState title="No notification in this time range" command={COMMAND}>
          Each notification stands here with its state, how often it was tried and what its receiver answered.
          Who is told stands under <Link to="/alerts/routes">Routes</Link>; this sends an alert to try it.
        </EmptyState>
      ) : (
        <>
          <Receivers receivers={data.receivers} chosen={search.receiver} set={set} />
          <div className={styles['filters']}>
            {DELIVERY_STATES.map((state) => (
              <StateChip
                key={state}
                count={sum(state)}
                word={state}
                look={LOOKS[state]}
                chosen={search.state === state}
                toggle={() => set({ state: search.state === state ? undefined : state })}
              />
            ))}
            {search.receiver !== undefined && (
              <Button size="compact-xs" variant="filled" onClick={() => set({ receiver: undefined })}>
                {search.receiver} ×
              </Button>
            )}
          </div>
          {data.deliveries.length === 0 ? (
            <p className={styles['quiet']}>No delivery is left by these filters.</p>
          ) : (
            <List deliveries={data.deliveries} />
          )}
        </>
      )}
    </>
  );
}
