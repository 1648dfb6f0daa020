import { Button, FileInput, Modal, Switch, Textarea, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { toastDone, toastFailed } from '../../ui/toast.ts';
import styles from './edit/edit.module.css';
import type { Imported } from './model.ts';
import { useDashboardActions } from './queries.ts';

/** Takes a file or pasted JSON, shows what it becomes and what it loses, and saves it when the reader agrees. */
export function ImportDialog({ onClose }: { readonly onClose: () => void }) {
  const { bring } = useDashboardActions();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [seen, setSeen] = useState<Imported | null>(null);
  const [title, setTitle] = useState('');
  const [folder, setFolder] = useState('');
  const [overwrite, setOverwrite] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const read = (): unknown => {
    const made = parse(text);
    setProblem(made.problem);
    return made.json;
  };
  const look = (): void => {
    const json = read();
    if (json === undefined) return;
    bring.mutate(
      { json, save: false, overwrite: false },
      {
        onSuccess: (imported) => {
          setSeen(imported);
          setTitle(imported.dashboard.title);
        },
        onError: (error) => setProblem(error.message),
      },
    );
  };
  const take = (): void => {
    bring.mutate(
      {
        json: read(),
        save: true,
        overwrite,
        ...(folder === '' ? {} : { folder }),
        ...(title === '' ? {} : { title }),
      },
      {
        onSuccess: ({ dashboard }) => {
          toastDone(`“${dashboard.title}” is imported`);
          onClose();
          void navigate({
            to: '/dashboards/$uid',
            params: { uid: dashboard.uid },
            search: (previous) => ({ tz: previous.tz }),
          });
        },
        onError: (error) => toastFailed('The dashboard was not imported', error),
      },
    );
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title="Import a dashboard"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className={styles['stack']}>
        <FileInput
          size="xs"
          label="JSON file of Grafana or Pharos"
          placeholder="Choose a file"
          accept="application/json,.json"
          onChange={(file) => file !== null && void file.text().then(setText)}
        />
        <Textarea
          size="xs"
          label="or the JSON itself"
          autosize
          minRows={4}
          maxRows={10}
          styles={{ input: { fontFamily: 'var(--mono)' } }}
          value={text}
          error={problem}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setSeen(null);
          }}
        />
        {seen === null ? (
          <Button size="xs" disabled={text.trim() === ''} loading={bring.isPending} onClick={look}>
            Look at it
          </Button>
        ) : (
          <>
            <Report imported={seen} />
            <div className={styles['line']}>
              <TextInput
                size="xs"
                label="Title"
                value={title}
                onChange={(event) => setTitle(event.currentTarget.value)}
              />
              <TextInput
                size="xs"
                label="Folder"
                value={folder}
                onChange={(event) => setFolder(event.currentTarget.value)}
              />
              <Switch
                size="xs"
                label="Replace one with the same uid"
                checked={overwrite}
                onChange={(event) => setOverwrite(event.currentTarget.checked)}
              />
            </div>
            <Button size="xs" loading={bring.isPending} onClick={take}>
              Import
            </Button>
          </>
        )}
      </div>
    </Modal>
  );
}

function parse(text: string): { readonly json: unknown; readonly problem: string | null } {
  try {
    return { json: JSON.parse(text), problem: null };
  } catch (error) {
    return {
      json: undefined,
      problem: `This is no JSON: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function counted(count: number, thing: string): string {
  return `${count.toLocaleString('en')} ${thing}${count === 1 ? '' : 's'}`;
}

/** "1 thing cannot be taken over, 3 are changed:" */
function verdict(lost: number, changed: number): string {
  const parts = [
    lost === 0 ? [] : [`${counted(lost, 'thing')} cannot be taken over`],
    changed === 0 ? [] : [`${changed} ${changed === 1 ? 'is' : 'are'} changed`],
  ].flat();
  return `${parts.join(', ')}:`;
}

function Report({ imported: { dashboard, notes } }: { readonly imported: Imported }) {
  const panels = dashboard.panels.filter(({ type }) => type !== 'row').length;
  const lost = notes.filter(({ kind }) => kind === 'lost').length;
  return (
    <section aria-label="What will be imported">
      <p>
        {counted(panels, 'panel')}
        {dashboard.variables.length === 0 ? '' : ` and ${counted(dashboard.variables.length, 'variable')}`}.{' '}
        {notes.length === 0 ? 'Everything can be taken over.' : verdict(lost, notes.length - lost)}
      </p>
      {notes.length > 0 && (
        <ul className={styles['notes']} tabIndex={0} aria-label="What changes">
          {notes.map(({ kind, where, what }) => (
            <li key={`${where}${what}`}>
              <b>{kind === 'lost' ? 'Lost' : 'Changed'}</b>, {where}: {what}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
