import { Button, Modal, Textarea } from '@mantine/core';
import { useState } from 'react';
import { ApiError } from '../../../api/client.ts';
import { RelativeTime } from '../../../ui/figures.tsx';
import { Bone, ErrorLine } from '../../../ui/states.tsx';
import { toastDone, toastFailed } from '../../../ui/toast.ts';
import type { Dashboard, Stored } from '../model.ts';
import { useDashboardActions, useVersion, useVersions } from '../queries.ts';
import { differences } from './diff.ts';
import styles from './edit.module.css';

interface DialogProps {
  readonly stored: Stored;
  readonly draft: Dashboard;
  readonly onClose: () => void;
}

/** Asks for a word about the change; when somebody saved in between, says who and when and lets the reader decide. */
export function SaveDialog({
  stored,
  draft,
  onClose,
  onSaved,
}: DialogProps & { readonly onSaved: () => void }) {
  const { save } = useDashboardActions();
  const [message, setMessage] = useState('');
  const conflict = save.error instanceof ApiError && save.error.status === 409 ? save.error : null;
  const run = (version: number | undefined): void =>
    save.mutate(
      { dashboard: draft, message, version },
      {
        onSuccess: (made) => {
          toastDone(`Saved as version ${made.version}`);
          onSaved();
        },
        onError: (error) => {
          if (!(error instanceof ApiError && error.status === 409))
            toastFailed('The dashboard was not saved', error);
        },
      },
    );
  const changes = differences(stored.dashboard, draft);
  return (
    <Modal opened onClose={onClose} title="Save the dashboard" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        className={styles['stack']}
        onSubmit={(event) => {
          event.preventDefault();
          run(stored.version);
        }}
      >
        <Textarea
          data-autofocus
          size="sm"
          label="What was changed, and why"
          autosize
          minRows={2}
          value={message}
          onChange={(event) => setMessage(event.currentTarget.value)}
        />
        <span>
          {changes.length === 0
            ? 'Nothing was changed.'
            : `${changes.length} ${changes.length === 1 ? 'change' : 'changes'} against version ${stored.version}.`}
        </span>
        {conflict === null ? (
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        ) : (
          <div role="alert" className={styles['stack']}>
            <span>{conflict.message}.</span>
            <Button variant="default" loading={save.isPending} onClick={() => run(undefined)}>
              Save mine over it (theirs stays in the history)
            </Button>
          </div>
        )}
      </form>
    </Modal>
  );
}

/** The past of a dashboard: who changed what, compared with now, and a way back. */
export function VersionsDialog({
  stored,
  onClose,
  onRestored,
}: Omit<DialogProps, 'draft'> & { readonly onRestored: () => void }) {
  const { data, error, isPending } = useVersions(stored.dashboard.uid, true);
  const [picked, setPicked] = useState<number | null>(null);
  const version = useVersion(stored.dashboard.uid, picked);
  const { restore } = useDashboardActions();
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title="Version history"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {isPending && <Bone height={120} />}
      {error !== null && <ErrorLine what="The history" error={error} />}
      <div className={styles['versions']}>
        <ul aria-label="Versions">
          {(data?.versions ?? []).map((one) => (
            <li key={one.version}>
              <button
                type="button"
                className={styles['version']}
                aria-pressed={picked === one.version}
                onClick={() => setPicked(one.version)}
              >
                <span>
                  Version {one.version}
                  {one.version === stored.version ? ', now' : ''}
                </span>
                <span>{one.message || (one.version === 1 ? 'made' : 'without a word')}</span>
                <small>
                  {one.savedBy || 'somebody'}
                  {one.savedAt > 0 && (
                    <>
                      , <RelativeTime at={one.savedAt} />
                    </>
                  )}
                </small>
              </button>
            </li>
          ))}
        </ul>
        <div>
          {picked === null && (
            <p className={styles['hint']}>
              {(data?.versions.length ?? 0) === 1
                ? 'This is the only version so far: every save adds one, and any of them can be brought back.'
                : 'Choose a version to see what differs from now.'}
            </p>
          )}
          {version.data !== undefined && picked !== null && (
            <>
              <Differences before={version.data.dashboard} after={stored.dashboard} />
              {picked !== stored.version && !stored.builtIn && (
                <Button
                  mt="sm"
                  size="xs"
                  variant="default"
                  loading={restore.isPending}
                  onClick={() =>
                    restore.mutate(
                      { uid: stored.dashboard.uid, version: picked },
                      {
                        onSuccess: (made) => {
                          toastDone(`Version ${picked} is back, as version ${made.version}`);
                          onRestored();
                        },
                        onError: (problem) => toastFailed('The version was not restored', problem),
                      },
                    )
                  }
                >
                  Restore version {picked}
                </Button>
              )}
            </>
          )}
        </div>
      </div>
    </Modal>
  );
}

function Differences({ before, after }: { readonly before: unknown; readonly after: unknown }) {
  const found = differences(before, after);
  if (found.length === 0) return <p>The same as now.</p>;
  return (
    <dl className={styles['diff']} aria-label="Differences from this version to now">
      {found.map(({ path, kind, before: old, after: now }) => (
        <div key={path}>
          <dt>
            {kind}: {path}
          </dt>
          {kind !== 'added' && <dd>− {old}</dd>}
          {kind !== 'removed' && <dd>+ {now}</dd>}
        </div>
      ))}
    </dl>
  );
}
