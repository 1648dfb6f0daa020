import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { RelativeTime } from '../../ui/figures.tsx';
import styles from './explorer.module.css';
import { clearHistory, readHistory } from './history.ts';

export interface HistoryModalProps {
  readonly opened: boolean;
  readonly close: () => void;
  readonly choose: (queries: readonly string[]) => void;
}

/** What was run before in this browser. */
export function HistoryModal({ opened, close, choose }: HistoryModalProps) {
  return (
    <Modal opened={opened} onClose={close} size="lg" title="Queries run in this browser">
      {opened && <HistoryList choose={choose} />}
    </Modal>
  );
}

function HistoryList({ choose }: Pick<HistoryModalProps, 'choose'>) {
  const [entries, setEntries] = useState(() => readHistory(localStorage));
  const [search, setSearch] = useState('');
  const words = search.trim().toLowerCase();
  const shown = entries.filter(({ q }) => q.some((text) => text.toLowerCase().includes(words)));
  if (entries.length === 0)
    return (
      <p className={styles['quiet']}>None yet. Every query you run is kept here, in this browser alone.</p>
    );
  return (
    <>
      <TextInput
        size="xs"
        data-autofocus
        aria-label="Find in the history"
        placeholder="Find in the history"
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <ul className={styles['list']}>
        {shown.map((entry) => (
          <li key={`${entry.at} ${entry.q.join('\n')}`}>
            <button type="button" onClick={() => choose(entry.q)}>
              {entry.q.map((text) => (
                <span key={text} className={styles['mono']}>
                  {text}
                </span>
              ))}
              <span className={styles['quiet']}>
                <RelativeTime at={entry.at} />
              </span>
            </button>
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p className={styles['quiet']}>Nothing matches.</p>}
      <Button
        mt="sm"
        size="compact-xs"
        variant="default"
        onClick={() => {
          clearHistory(localStorage);
          setEntries([]);
        }}
      >
        Forget them all
      </Button>
    </>
  );
}
