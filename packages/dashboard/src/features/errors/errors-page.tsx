import { Button, NativeSelect, TextInput } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useListKeys } from '../../keys/use-list-keys.ts';
import { Numeral, RelativeTime } from '../../ui/figures.tsx';
import { IconSearch } from '../../ui/icons.ts';
import shell from '../../ui/page.module.css';
import { Sparkline } from '../../ui/sparkline.tsx';
import { Bone, EmptyState, ErrorState } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import { type ErrorGroup, GROUP_STATUSES } from './contracts.ts';
import styles from './errors.module.css';
import { GroupStatusMark } from './group-status.tsx';
import { type ErrorsSearch, type GroupSort, SORTS } from './search.ts';
import { useGroups } from './use-errors.ts';

const SORT_WORDS: Readonly<Record<GroupSort, string>> = {
  last_seen: 'seen last',
  first_seen: 'newest group',
  count: 'most errors',
  users: 'most users',
};

const EXAMPLE = `curl -X POST ${window.location.origin}/api/errors -H 'content-type: application/json' -d '{"service":"order","name":"Error","message":"hello"}'`;

const DSN = `${window.location.protocol}//public@${window.location.host}/1`;

/** How many errors its curve is of. */
function lastDay({ trend }: ErrorGroup): string {
  return trend.counts.reduce((sum, count) => sum + count, 0).toLocaleString('en');
}

function GroupRow({ group, chosen }: { readonly group: ErrorGroup; readonly chosen: boolean }) {
  return (
    <li className={styles['row']} data-selected={chosen}>
      <div className={styles['what']}>
        <Link to="/errors/$groupId" params={{ groupId: group.id }} search={{}} className={styles['title']}>
          <b>{group.name}</b> {group.message}
        </Link>
        <span className={styles['quiet']}>
          {group.culprit !== '' && (
            <>
              <code>{group.culprit}</code> ·{' '}
            </>
          )}
          {group.services.map((service) => (
            <span key={service}>
              <Link to="/services/$name" params={{ name: service }} search={{}} className={styles['service']}>
                {service}
              </Link>{' '}
            </span>
          ))}
          · {group.type.replaceAll('_', ' ')} · {group.severity}
        </span>
      </div>
      <GroupStatusMark status={group.status} severity={group.severity} />
      <span className={styles['trend']}>
        <Sparkline values={group.trend.counts} color="var(--accent)" floor={1} />
        <small className="num">{lastDay(group)} in 24 h</small>
      </span>
      <span className={styles['figure']}>
        <Numeral value={group.count} unit="count" /> <small>{group.count === 1 ? 'error' : 'errors'}</small>
      </span>
      <span className={styles['figure']}>
        <Numeral value={group.users} unit="count" /> <small>{group.users === 1 ? 'user' : 'users'}</small>
      </span>
      <span className={styles['when']}>
        <RelativeTime at={group.last_seen} />
        <small>
          since <RelativeTime at={group.first_seen} />
        </small>
      </span>
    </li>
  );
}

function Filters({
  search,
  counts,
}: {
  readonly search: ErrorsSearch;
  readonly counts: Partial<Record<string, number>>;
}) {
  const navigate = useNavigate({ from: '/errors' });
  const set = (next: ErrorsSearch): void => {
    void navigate({ search: (previous) => ({ ...previous, ...next }), replace: true });
  };
  return (
    <div className={styles['filters']}>
      <TextInput
        size="xs"
        aria-label="Filter errors"
        placeholder="Words in the error or its place"
        leftSection={<IconSearch size={14} />}
        value={search.q ?? ''}
        onChange={(event) => set({ q: event.currentTarget.value || undefined })}
      />
      {GROUP_STATUSES.map((status) => (
        <Button
          key={status}
          size="compact-xs"
          variant={search.status === status ? 'filled' : 'default'}
          aria-pressed={search.status === status}
          onClick={() => set({ status: search.status === status ? undefined : status })}
        >
          {status} {counts[status] ?? 0}
        </Button>
      ))}
      {search.service !== undefined && (
        <Button size="compact-xs" variant="filled" onClick={() => set({ service: undefined })}>
          {search.service} ×
        </Button>
      )}
      <NativeSelect
        size="xs"
        aria-label="Order"
        data={SORTS.map((value) => ({ value, label: SORT_WORDS[value] }))}
        value={search.sort ?? 'last_seen'}
        onChange={(event) => set({ sort: SORTS.find((sort) => sort === event.currentTarget.value) })}
      />
    </div>
  );
}

/** A group that moved up meanwhile stands on two pages. */
function onceById(pages: readonly { readonly groups: readonly ErrorGroup[] }[]): readonly ErrorGroup[] {
  return [...new Map(pages.flatMap(({ groups }) => groups).map((group) => [group.id, group])).values()];
}

/** Every problem once: what fails, how often, whom it hurts, and what was decided about it. */
export function ErrorsPage() {
  const search = useSearch({ from: '/errors' });
  const navigate = useNavigate({ from: '/errors' });
  const { data: pages, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useGroups(search);
  const data = pages?.pages.at(-1);
  const groups = useMemo(() => onceById(pages?.pages ?? []), [pages]);
  const chosen = useListKeys(groups.length, 'group of errors', (index) => {
    const id = groups[index]?.id;
    if (id !== undefined) void navigate({ to: '/errors/$groupId', params: { groupId: id }, search: {} });
  });
  if (error !== null && data === undefined)
    return <ErrorState what="The errors" error={error} retry={() => void refetch()} />;
  const none = data !== undefined && Object.values(data.by_status).every((count) => count === 0);
  if (none && search.q === undefined && search.service === undefined)
    return (
      <EmptyState title="No error yet" command={EXAMPLE}>
        Errors come from the SDK, from Sentry's SDKs (their DSN is {DSN}), from exceptions of spans and from
        error lines with a stack. Each problem then stands here once.
      </EmptyState>
    );
  return (
    <>
      <div className={shell['pageHead']}>
        <h1>Errors</h1>
        <p>
          {data === undefined
            ? ''
            : `${data.total.toLocaleString('en')} ${data.total === 1 ? 'group' : 'groups'}`}
          {hasNextPage && `, ${groups.length} are shown`}
        </p>
      </div>
      <Filters search={search} counts={data?.by_status ?? {}} />
      {data === undefined && <Bone height={240} />}
      <ul className={styles['list']}>
        {groups.map((group, index) => (
          <GroupRow key={group.id} group={group} chosen={index === chosen} />
        ))}
      </ul>
      {hasNextPage && (
        <Button
          size="xs"
          variant="default"
          mt="sm"
          loading={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          Show more
        </Button>
      )}
      {data !== undefined && groups.length === 0 && (
        <p className={table['quiet']}>No group is left by these filters.</p>
      )}
    </>
  );
}
