import { Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { CLOSE } from '../../ui/toast.ts';
import type { GroupDetail } from './contracts.ts';
import styles from './errors.module.css';
import { Merge } from './merge.tsx';
import { type Decision, useDecision } from './use-errors.ts';

const DAY_MS = 86_400_000;

/** What can be decided about a group; each decision but a merge can be taken back at once. */
export function Decisions({ group }: { readonly group: GroupDetail }) {
  const { mutate, isPending } = useDecision(group.id);
  const decide = (decision: Decision, body: object, word: string): void =>
    mutate(
      { decision, body },
      {
        onSuccess: () => {
          if (decision === 'reopen') return;
          const id = notifications.show({
            color: 'green',
            autoClose: 8000,
            closeButtonProps: CLOSE,
            message: (
              <span className={styles['undo']}>
                {word}
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => {
                    notifications.hide(id);
                    decide('reopen', {}, 'Open again');
                  }}
                >
                  Undo
                </Button>
              </span>
            ),
          });
        },
      },
    );
  if (group.status === 'resolved' || group.status === 'ignored')
    return (
      <Button
        size="xs"
        variant="default"
        loading={isPending}
        onClick={() => decide('reopen', {}, 'Open again')}
      >
        Reopen
      </Button>
    );
  const later = (): object => ({ until: new Date(Date.now() + DAY_MS).toISOString() });
  return (
    <div className={styles['decisions']}>
      <Button size="xs" loading={isPending} onClick={() => decide('resolve', {}, 'Resolved')}>
        Resolve
      </Button>
      <Button
        size="xs"
        variant="default"
        onClick={() => decide('resolve', { in_next_release: true }, 'Resolved in the next release')}
      >
        In the next release
      </Button>
      <Menu position="bottom-start">
        <Menu.Target>
          <Button size="xs" variant="default">
            Ignore
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => decide('ignore', later(), 'Ignored for a day')}>for a day</Menu.Item>
          <Menu.Item onClick={() => decide('ignore', { count: 100 }, 'Ignored until 100 more')}>
            until 100 more errors
          </Menu.Item>
          <Menu.Item onClick={() => decide('ignore', {}, 'Ignored')}>for ever</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Merge group={group} />
    </div>
  );
}
