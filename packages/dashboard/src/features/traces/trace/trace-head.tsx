import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { RequestLinks } from '../../../joins/request-links.tsx';
import { useZone } from '../../../time/use-range.ts';
import { copyText } from '../../../ui/copy.ts';
import { ErrorsOf } from '../../../ui/errors-of.tsx';
import { formatInstant, formatValue } from '../../../ui/format.ts';
import { IconAlertTriangle, IconCopy, IconShare } from '../../../ui/icons.ts';
import { requestOfTrace, timeOf } from '../links.ts';
import { operationOf, serviceOf, type Trace } from '../model/trace.ts';
import { ServiceMark } from '../service-mark.tsx';
import styles from './trace.module.css';

function plural(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}

/** What the trace is: its root, how long it took, how much of it there is, and where its logs are. */
export function TraceHead({ trace }: { readonly trace: Trace }) {
  const [zone] = useZone();
  const at = Number(trace.startNs / 1_000_000n);
  return (
    <header className={styles['head']}>
      <h1>
        <ServiceMark service={serviceOf(trace, 0)} among={trace.services} />{' '}
        <span className={styles['rootName']}>{operationOf(trace, 0)}</span>
      </h1>
      <dl className={styles['facts']}>
        <div>
          <dt>took</dt>
          <dd className="num">{formatValue(trace.duration / 1e9, 'seconds')}</dd>
        </div>
        <div>
          <dt className="sr-only">size</dt>
          <dd className="num">
            {plural(trace.total, 'span')} of {plural(trace.services.length, 'service')}
          </dd>
        </div>
        {trace.errors > 0 && (
          <div className={styles['failed']}>
            <dt className="sr-only">failures</dt>
            <dd className="num">
              <IconAlertTriangle size={14} aria-hidden /> {trace.errors.toLocaleString('en')} failed
            </dd>
          </div>
        )}
        <div>
          <dt className="sr-only">began</dt>
          <dd className="num">
            <time dateTime={new Date(at).toISOString()}>{formatInstant(at, zone)}</time>
          </dd>
        </div>
        <div>
          <dt className="sr-only">id</dt>
          <dd className={styles['mono']}>{trace.id}</dd>
        </div>
      </dl>
      <div className={styles['actions']}>
        <Link
          to="/traces/compare"
          search={(previous) => ({ ...timeOf(previous), a: trace.id })}
          className={styles['compare']}
        >
          Compare
        </Link>
        <RequestLinks request={requestOfTrace(trace)} />
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconCopy size={14} />}
          onClick={() => copyText(trace.id, 'The trace id')}
        >
          Copy id
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconShare size={14} />}
          onClick={() => copyText(window.location.href, 'The link')}
        >
          Share
        </Button>
      </div>
      <ErrorsOf by="trace_id" id={trace.id} />
    </header>
  );
}
