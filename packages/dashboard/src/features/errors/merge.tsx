import { Button, Checkbox, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import { ErrorLine } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import { toastDone } from '../../ui/toast.ts';
import type { GroupDetail } from './contracts.ts';
import styles from './errors.module.css';
import { useDecision, useOtherGroups } from './use-errors.ts';

/** Chooses further groups of the same problem, and says what merging them does before it is done. */
function MergeForm({ group, done }: { readonly group: GroupDetail; readonly done: () => void }) {
  const [q, setQ] = useState(group.name);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const { data = [], error, isPending } = useOtherGroups(group.id, q);
  const { mutate, isPending: isMerging } = useDecision(group.id);
  const toggle = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const words = `${chosen.size} ${chosen.size === 1 ? 'group' : 'groups'}`;
  return (
    <div className={styles['merge']}>
      <TextInput
        size="xs"
        label="Groups with these words"
        value={q}
        onChange={(event) => setQ(event.currentTarget.value)}
      />
      {error !== null && <ErrorLine what="The other groups" error={error} />}
      <ul className={styles['list']}>
        {data.map(({ id, name, message, services, count }) => (
          <li key={id}>
            <Checkbox
              size="xs"
              checked={chosen.has(id)}
              onChange={() => toggle(id)}
              label={`${name}: ${message}`}
              description={`${services.join(', ')}, ${count.toLocaleString('en')} errors`}
            />
          </li>
        ))}
      </ul>
      {!isPending && data.length === 0 && <p className={table['quiet']}>No other group has these words.</p>}
      <p>
        Their errors so far and to come are counted here, and their own pages lead here. This cannot be taken
        back.
      </p>
      <Button
        size="xs"
        disabled={chosen.size === 0}
        loading={isMerging}
        onClick={() =>
          mutate(
            { decision: 'merge', body: { groups: [...chosen] } },
            {
              onSuccess: () => {
                toastDone(`${words} became part of this one`);
                done();
              },
            },
          )
        }
      >
        Merge {words} into this one
      </Button>
    </div>
  );
}

/** Makes other groups part of this one. */
export function Merge({ group }: { readonly group: GroupDetail }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="xs" variant="default" onClick={() => setOpen(true)}>
        Merge
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={`The same problem as ${group.name}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <MergeForm group={group} done={() => setOpen(false)} />
      </Modal>
    </>
  );
}
