import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { apiUrl } from '../../api/base.ts';
import { IconDots, IconStar, IconStarFilled } from '../../ui/icons.ts';
import pageStyles from '../../ui/page.module.css';
import { toastDone, toastFailed } from '../../ui/toast.ts';
import styles from './dashboards.module.css';
import { type Dashboard, forServer, type Stored } from './model.ts';
import { useDashboardActions } from './queries.ts';

export interface PageHeadProps {
  readonly stored: Stored;
  readonly shown: Dashboard;
  readonly editing: boolean;
  readonly changed: boolean;
  readonly onEdit: () => void;
  readonly onDiscard: () => void;
  readonly onDialog: (dialog: 'save' | 'versions' | 'settings') => void;
}

export function PageHead({ stored, shown, editing, changed, onEdit, onDiscard, onDialog }: PageHeadProps) {
  const { star } = useDashboardActions();
  const { uid } = stored.dashboard;
  const copyLink = (): void => {
    void navigator.clipboard.writeText(window.location.href).then(
      () => toastDone('The address is copied: range and choices are in it'),
      (error: unknown) =>
        toastFailed(
          'The address could not be copied',
          error instanceof Error ? error : new Error(String(error)),
        ),
    );
  };
  return (
    <div className={pageStyles['pageHead']}>
      <h1>{shown.title}</h1>
      <Tooltip label={stored.starred ? 'Take it off your favourites' : 'Make it one of your favourites'}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label="Favourite"
          aria-pressed={stored.starred}
          onClick={() => star.mutate({ uid, on: !stored.starred })}
        >
          {stored.starred ? <IconStarFilled size={16} /> : <IconStar size={16} />}
        </ActionIcon>
      </Tooltip>
      {shown.folder !== '' && <p>{shown.folder}</p>}
      {editing && <p>{changed ? 'changed, not saved yet' : 'editing'}</p>}
      <div className={styles['actions']}>
        {editing ? (
          <>
            <Button size="xs" variant="default" onClick={() => onDialog('settings')}>
              Settings
            </Button>
            <Button size="xs" variant="default" onClick={onDiscard}>
              {changed ? 'Discard' : 'Done'}
            </Button>
            <Button size="xs" disabled={!changed} onClick={() => onDialog('save')}>
              Save
            </Button>
          </>
        ) : (
          <>
            <Button size="xs" variant="default" onClick={copyLink}>
              Share
            </Button>
            {stored.builtIn ? (
              <CopyButton stored={stored} primary />
            ) : (
              <Button size="xs" variant="default" onClick={onEdit}>
                Edit
              </Button>
            )}
            <More stored={stored} onHistory={() => onDialog('versions')} />
          </>
        )}
      </div>
      <DashboardLinks shown={shown} />
    </div>
  );
}

function useCopy(stored: Stored): () => void {
  const { create } = useDashboardActions();
  const navigate = useNavigate();
  return () => {
    const { uid: _, ...rest } = stored.dashboard;
    const copy = {
      ...rest,
      title: `${stored.dashboard.title} (copy)`,
      folder: stored.builtIn ? '' : stored.dashboard.folder,
    };
    const sent = forServer({ ...copy, uid: 'copy' });
    const dashboard = typeof sent === 'object' && sent !== null ? { ...sent, uid: undefined } : sent;
    create.mutate(
      { dashboard, message: `copied from ${stored.dashboard.title}` },
      {
        onSuccess: (made) => {
          toastDone('The copy is yours to change');
          void navigate({
            to: '/dashboards/$uid',
            params: { uid: made.dashboard.uid },
            search: (previous) => previous,
          });
        },
        onError: (error) => toastFailed('The dashboard was not copied', error),
      },
    );
  };
}

function CopyButton({ stored }: { readonly stored: Stored; readonly primary?: boolean }) {
  const copy = useCopy(stored);
  return (
    <Tooltip label="It comes with Pharos; a copy can be changed">
      <Button size="xs" variant="default" onClick={copy}>
        Copy to edit
      </Button>
    </Tooltip>
  );
}

function More({ stored, onHistory }: { readonly stored: Stored; readonly onHistory: () => void }) {
  const copy = useCopy(stored);
  const { remove } = useDashboardActions();
  const navigate = useNavigate();
  const { uid, title } = stored.dashboard;
  const path = `api/v1/dashboards/${encodeURIComponent(uid)}/export`;
  const drop = (): void => {
    if (!window.confirm(`Remove “${title}” with its history?`)) return;
    remove.mutate(uid, {
      onSuccess: () => {
        toastDone(`“${title}” is removed`);
        void navigate({ to: '/dashboards' });
      },
      onError: (error) => toastFailed('The dashboard was not removed', error),
    });
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label="More about this dashboard">
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={onHistory}>Version history</Menu.Item>
        <Menu.Item onClick={copy}>Make a copy</Menu.Item>
        <Menu.Item component="a" href={apiUrl(path, { format: 'grafana' })} download={`${uid}.grafana.json`}>
          Export for Grafana
        </Menu.Item>
        <Menu.Item component="a" href={apiUrl(path, { format: 'pharos' })} download={`${uid}.json`}>
          Export as JSON
        </Menu.Item>
        {!stored.builtIn && (
          <Menu.Item color="red" onClick={drop}>
            Remove
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Links of the dashboard: to addresses, and to dashboards by tag. */
function DashboardLinks({ shown }: { readonly shown: Dashboard }) {
  const links = shown.links.filter(({ type, url }) => type === 'link' && /^(https?:\/\/|\/(?!\/))/.test(url));
  const tagged = shown.links.filter(({ type }) => type === 'dashboards');
  if (links.length + tagged.length === 0) return null;
  return (
    <nav className={styles['links']} aria-label="Links of the dashboard">
      {links.map(({ title, url, newTab }) => (
        <a key={url} href={url} {...(newTab ? { target: '_blank', rel: 'noreferrer' } : {})}>
          {title || url}
        </a>
      ))}
      {tagged.map(({ title, tags }) => (
        <Link key={tags.join()} to="/dashboards" search={(previous) => ({ tz: previous.tz, tag: tags[0] })}>
          {title || `Dashboards about ${tags.join(', ')}`}
        </Link>
      ))}
    </nav>
  );
}
