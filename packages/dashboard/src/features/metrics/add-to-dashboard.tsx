import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { z } from 'zod';
import { request } from '../../api/client.ts';
import { ErrorLine } from '../../ui/states.tsx';
import { toastDone } from '../../ui/toast.ts';
import styles from './explorer.module.css';
import { type PanelQuery, withPanel } from './panel.ts';

const listSchema = z.object({
  dashboards: z.array(z.object({ uid: z.string(), title: z.string(), builtIn: z.boolean() })),
});
/** All of a dashboard goes back as it came, with one panel more. */
const wholeSchema = z.object({
  version: z.number(),
  dashboard: z.looseObject({
    title: z.string(),
    panels: z.array(
      z.looseObject({
        id: z.number(),
        grid: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      }),
    ),
  }),
});
const NEW = '';

export interface AddToDashboardProps {
  readonly opened: boolean;
  readonly close: () => void;
  readonly queries: readonly PanelQuery[];
  readonly table: boolean;
}

/** Puts the queries as one panel onto a dashboard, or onto a new one. */
export function AddToDashboard({ opened, close, queries, table }: AddToDashboardProps) {
  return (
    <Modal opened={opened} onClose={close} title="Add to a dashboard">
      {opened && <Form close={close} queries={queries} table={table} />}
    </Modal>
  );
}

function Form({ close, queries, table }: Omit<AddToDashboardProps, 'opened'>) {
  const { data, error } = useQuery({
    queryKey: ['explore-dashboards'],
    queryFn: ({ signal }) => request('api/v1/dashboards', listSchema, { signal }),
    retry: false,
  });
  const [uid, setUid] = useState(NEW);
  const [title, setTitle] = useState('');
  const [panel, setPanel] = useState(queries[0]?.expr.slice(0, 80) ?? '');
  const [failed, setFailed] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  // Those that come with Pharos are not changed; a copy of one can be.
  const own = (data?.dashboards ?? []).filter(({ builtIn }) => !builtIn);
  const save = async (): Promise<void> => {
    const message = 'a panel from the explorer';
    if (uid === NEW) {
      const dashboard = withPanel({ title: title.trim(), panels: [] }, { title: panel, queries, table });
      await request('api/v1/dashboards', wholeSchema, { method: 'POST', body: { dashboard, message } });
      return;
    }
    const path = `api/v1/dashboards/${encodeURIComponent(uid)}`;
    const { version, dashboard } = await request(path, wholeSchema);
    const body = { dashboard: withPanel(dashboard, { title: panel, queries, table }), message, version };
    await request(path, wholeSchema, { method: 'PUT', body });
  };
  const submit = (): void => {
    setBusy(true);
    save()
      .then(
        () => {
          toastDone('The panel is on the dashboard');
          close();
        },
        (cause: unknown) => setFailed(cause instanceof Error ? cause : new Error(String(cause))),
      )
      .finally(() => setBusy(false));
  };
  return (
    <form
      className={styles['form']}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {error !== null && <ErrorLine what="The dashboards" error={error} />}
      <Select
        label="Dashboard"
        allowDeselect={false}
        searchable
        value={uid}
        onChange={(next) => setUid(next ?? NEW)}
        data={[
          { value: NEW, label: 'A new dashboard' },
          ...own.map((entry) => ({ value: entry.uid, label: entry.title })),
        ]}
      />
      {uid === NEW && (
        <TextInput
          label="Title of the dashboard"
          required
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
      )}
      <TextInput
        label="Title of the panel"
        value={panel}
        onChange={(event) => setPanel(event.currentTarget.value)}
      />
      {failed !== null && <ErrorLine what="The panel" error={failed} />}
      <Button type="submit" size="xs" loading={busy} disabled={queries.length === 0}>
        Add the panel
      </Button>
    </form>
  );
}
