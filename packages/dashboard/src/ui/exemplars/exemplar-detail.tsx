import { Button, CopyButton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { RelativeTime } from '../figures.tsx';
import { formatValue } from '../format.ts';
import { IconCheck, IconCopy } from '../icons.ts';
import styles from './exemplars.module.css';
import type { Exemplar } from './exemplars.ts';
import { Pressed } from './pressed.tsx';

/** What a dot stands for, with its trace's id ready to copy. */
export function ExemplarDetail({
  exemplar,
  close,
}: {
  readonly exemplar: Exemplar;
  readonly close: () => void;
}) {
  const { at, value, labels, trace } = exemplar;
  const others = Object.entries(labels).filter(([, text]) => text !== trace);
  return (
    <Pressed close={close}>
      <strong>Exemplar</strong>
      <span className="num">{formatValue(value, 'number')}</span>
      <RelativeTime at={at} />
      {others.map(([name, text]) => (
        <span key={name} className={styles['mono']}>
          {name}={text}
        </span>
      ))}
      {trace === null ? (
        <span className={styles['quiet']}>It carries no trace id.</span>
      ) : (
        <>
          <Link to="/traces/$traceId" params={{ traceId: trace }} search={{}} className={styles['open']}>
            Open trace {trace}
          </Link>
          <CopyButton value={trace} timeout={1500}>
            {({ copied, copy }) => (
              <Button
                size="compact-xs"
                variant="default"
                onClick={copy}
                leftSection={copied ? <IconCheck size={12} /> : <IconCopy size={12} />}
              >
                {copied ? 'Copied' : 'Copy the trace id'}
              </Button>
            )}
          </CopyButton>
        </>
      )}
    </Pressed>
  );
}
