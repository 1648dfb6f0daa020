import { Button, Switch, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { apiUrl } from '../../api/base.ts';
import { ApiError } from '../../api/client.ts';
import page from '../../ui/page.module.css';
import { Bone, ErrorState, Section } from '../../ui/states.tsx';
import type { StatusPage } from './contracts.ts';
import { componentsOf, problemAt } from './edit.ts';
import { Groups } from './groups.tsx';
import { Incidents } from './incidents.tsx';
import styles from './status-page.module.css';
import { useStatusPage, useStatusPageActions, useSubscribers } from './use-status-page.ts';

function Subscribers() {
  const { data } = useSubscribers();
  const { remove } = useStatusPageActions();
  if (data === undefined || data.subscribers.length === 0) return null;
  return (
    <Section title="Subscribers" note={`${data.subscribers.length}`}>
      <ul className={styles['list']}>
        {data.subscribers.map(({ id, address, confirmed }) => (
          <li key={id} className={styles['line']}>
            <span className={styles['text']}>{address}</span>
            {!confirmed && <span className={styles['quiet']}>not confirmed yet</span>}
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Remove ${address}`}
              onClick={() => remove.mutate(`subscribers/${encodeURIComponent(id)}`)}
            >
              Remove
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Editor({
  saved,
  version,
  url,
}: {
  readonly saved: StatusPage;
  readonly version: number;
  readonly url: string;
}) {
  const [draft, setDraft] = useState(saved);
  const { save } = useStatusPageActions();
  const problems = save.error instanceof ApiError ? save.error.problems : [];
  const set = (change: Partial<StatusPage>): void => {
    save.reset();
    setDraft({ ...draft, ...change });
  };
  const dirty = JSON.stringify(draft) !== JSON.stringify(saved);
  return (
    <form
      className={styles['stack']}
      aria-label="Status page"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ page: draft, version });
      }}
    >
      <Switch
        size="xs"
        label="Anybody may see it, without a login"
        checked={draft.enabled}
        onChange={(event) => set({ enabled: event.currentTarget.checked })}
      />
      <TextInput
        size="xs"
        label="Title"
        value={draft.title}
        error={problemAt(problems, 'title')}
        onChange={(event) => set({ title: event.currentTarget.value })}
      />
      <Textarea
        size="xs"
        label="Description"
        autosize
        minRows={1}
        value={draft.description}
        error={problemAt(problems, 'description')}
        onChange={(event) => set({ description: event.currentTarget.value })}
      />
      <Switch
        size="xs"
        label="Readers may have a webhook told of changes"
        description="The owner of the address must agree first; only addresses of the public network are reached."
        checked={draft.webhooks}
        onChange={(event) => set({ webhooks: event.currentTarget.checked })}
      />
      <Groups groups={draft.groups} change={(groups) => set({ groups })} problems={problems} url={url} />
      {save.error !== null && (
        <p className={styles['problem']} role="alert">
          {save.error.message}
        </p>
      )}
      <div className={styles['buttons']}>
        <Button type="submit" size="xs" loading={save.isPending} disabled={!dirty}>
          Save
        </Button>
        {dirty && <span className={styles['quiet']}>not saved yet</span>}
      </div>
    </form>
  );
}

/** What the public sees: which components, by which names, and what is told of incidents. */
export function StatusEditorPage() {
  const { data, error, refetch } = useStatusPage();
  if (data === undefined)
    return error === null ? (
      <Bone height={320} />
    ) : (
      <ErrorState what="The status page" error={error} retry={() => void refetch()} />
    );
  const { url, version } = data;
  return (
    <div className={styles['page']}>
      <div className={page['pageHead']}>
        <h1>Status page</h1>
        <p>
          {data.page.enabled ? (
            <>
              Public at{' '}
              <a href={apiUrl('status')} target="_blank" rel="noreferrer" className={styles['link']}>
                {url}
              </a>
            </>
          ) : (
            'Off: nobody but you can see it'
          )}
        </p>
        <a
          href={apiUrl('api/v1/status-page/preview')}
          target="_blank"
          rel="noreferrer"
          className={styles['link']}
        >
          Preview
        </a>
      </div>
      <Editor key={version} saved={data.page} version={version} url={url} />
      <Incidents components={componentsOf(data.page.groups)} />
      <Subscribers />
    </div>
  );
}
