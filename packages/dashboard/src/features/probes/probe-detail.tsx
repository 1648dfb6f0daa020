import { Button, Drawer, Popover } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { apiUrl } from '../../api/base.ts';
import { Lasting, RelativeTime } from '../../ui/figures.tsx';
import { formatValue } from '../../ui/format.ts';
import { Bone, Command, ErrorState, Section } from '../../ui/states.tsx';
import type { ProbeDetail } from './contracts.ts';
import { ProbeForm } from './form/probe-form.tsx';
import { History } from './history.tsx';
import { Certificate, ProbeState } from './probe-state.tsx';
import styles from './probes.module.css';
import { TestResult } from './test-result.tsx';
import { useProbe, useProbeActions, useTest } from './use-probes.ts';
import { TYPE_WORD } from './words.ts';

function Facts({ probe }: { readonly probe: ProbeDetail }) {
  const { interval } = probe.definition;
  return (
    <dl className={styles['facts']}>
      <dt>State</dt>
      <dd>
        <ProbeState row={probe} /> {probe.since > 0 && !probe.paused && <Lasting since={probe.since} />}
        {probe.maintenance && <span className={styles['mark']}>in maintenance</span>}
      </dd>
      {probe.reason !== '' && (
        <>
          <dt>Because</dt>
          <dd>{probe.reason}</dd>
        </>
      )}
      <dt>Looks at</dt>
      <dd className={styles['wrap']}>
        {TYPE_WORD[probe.type]} {probe.type === 'heartbeat' ? '' : probe.target}, every {String(interval)}
      </dd>
      <dt>Last look</dt>
      <dd>
        {probe.lastLook === null ? (
          'not yet'
        ) : (
          <>
            <RelativeTime at={probe.lastLook} />
            {probe.type !== 'heartbeat' && `, took ${formatValue((probe.duration ?? 0) / 1000, 'seconds')}`}
          </>
        )}
      </dd>
      {probe.certificateExpiry !== null && (
        <>
          <dt>Certificate</dt>
          <dd>
            expires in <Certificate row={probe} />
          </dd>
        </>
      )}
      {probe.service !== null && (
        <>
          <dt>Service</dt>
          <dd>
            <Link
              to="/services/$name"
              params={{ name: probe.service }}
              search={(previous) => ({ range: previous.range, tz: previous.tz })}
              className={styles['link'] ?? ''}
            >
              {probe.service}
            </Link>
          </dd>
        </>
      )}
    </dl>
  );
}

/** Where a job says that it is alive, and how. */
function HeartbeatAddress({ path }: { readonly path: string }) {
  const url = new URL(apiUrl(path.replace(/^\//, '')), window.location.href).href;
  return (
    <Section title="Its address" note="who knows it can report: keep it secret">
      <Command text={`curl -fsS ${url}`} />
      <p className={styles['quiet']}>A job that failed says so, with its reason:</p>
      <Command text={`curl -fsS '${url}?status=down&msg=disk+full'`} />
    </Section>
  );
}

function Failures({ probe }: { readonly probe: ProbeDetail }) {
  if (probe.failures.length === 0) return <p className={styles['quiet']}>None that is remembered.</p>;
  return (
    <ul className={styles['failures']}>
      {probe.failures.map(({ at, reason }, index) => (
        <li key={`${at} ${index}`}>
          <RelativeTime at={at} />
          <span>{reason}</span>
        </li>
      ))}
    </ul>
  );
}

function Remove({ probe, done }: { readonly probe: ProbeDetail; readonly done: () => void }) {
  const { remove } = useProbeActions();
  const [asked, setAsked] = useState(false);
  return (
    <Popover opened={asked} onChange={setAsked} trapFocus withArrow>
      <Popover.Target>
        <Button size="xs" variant="default" onClick={() => setAsked(true)}>
          Delete
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <p className={styles['ask']}>Its series end, and what it saw last is forgotten.</p>
        <Button
          size="xs"
          color="red"
          loading={remove.isPending}
          onClick={() => remove.mutate(probe.id, { onSuccess: done })}
        >
          Delete “{probe.name}”
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}

function Actions({
  probe,
  edit,
  done,
}: {
  readonly probe: ProbeDetail;
  readonly edit: () => void;
  readonly done: () => void;
}) {
  const test = useTest();
  const { pause } = useProbeActions();
  return (
    <>
      <div className={styles['buttons']}>
        {probe.type !== 'heartbeat' && (
          <Button
            size="xs"
            loading={test.isPending}
            onClick={() => test.mutate({ id: probe.id, definition: undefined })}
          >
            Test now
          </Button>
        )}
        {probe.configured ? (
          <p className={styles['quiet']}>It stands in the configuration file: change it there.</p>
        ) : (
          <>
            <Button size="xs" variant="default" onClick={edit}>
              Edit
            </Button>
            <Button
              size="xs"
              variant="default"
              loading={pause.isPending}
              onClick={() => pause.mutate({ id: probe.id, paused: !probe.paused })}
            >
              {probe.paused ? 'Resume' : 'Pause'}
            </Button>
            <Remove probe={probe} done={done} />
          </>
        )}
      </div>
      {test.data !== undefined && <TestResult answer={test.data} />}
      {test.error !== null && (
        <p className={styles['problem']} role="alert">
          {test.error.message}
        </p>
      )}
    </>
  );
}

function Body({ id, close }: { readonly id: string; readonly close: () => void }) {
  const { data: probe, error, refetch } = useProbe(id);
  const [editing, setEditing] = useState(false);
  if (probe === undefined)
    return error === null ? (
      <Bone height={320} />
    ) : (
      <ErrorState what="The probe" error={error} retry={() => void refetch()} />
    );
  if (editing)
    return <ProbeForm probe={probe} done={() => setEditing(false)} cancel={() => setEditing(false)} />;
  return (
    <>
      <h2 className={styles['name']}>{probe.name}</h2>
      <Facts probe={probe} />
      <Actions probe={probe} edit={() => setEditing(true)} done={close} />
      {probe.heartbeatPath !== null && <HeartbeatAddress path={probe.heartbeatPath} />}
      <History probe={probe} />
      <Section title="Last failures">
        <Failures probe={probe} />
      </Section>
    </>
  );
}

/** One probe, or the form of a new one, beside the list. */
export function ProbeDrawer({
  id,
  open,
  close,
}: {
  /** `new` for the form; null when closed. */
  readonly id: string | null;
  readonly open: (id: string) => void;
  readonly close: () => void;
}) {
  return (
    <Drawer
      opened={id !== null}
      onClose={close}
      position="right"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
      title={id === 'new' ? 'New probe' : 'Probe'}
    >
      {id === 'new' && <ProbeForm probe={null} done={open} cancel={close} />}
      {id !== null && id !== 'new' && <Body key={id} id={id} close={close} />}
    </Drawer>
  );
}
