import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { IconX } from '../icons.ts';
import styles from './exemplars.module.css';

/** What a press on a chart brought up, below it, until it is closed. */
export function Pressed({ close, children }: { readonly close: () => void; readonly children: ReactNode }) {
  return (
    <div className={styles['dot']} role="status">
      {children}
      <Button
        size="compact-xs"
        variant="subtle"
        color="gray"
        onClick={close}
        leftSection={<IconX size={12} />}
      >
        Close
      </Button>
    </div>
  );
}
