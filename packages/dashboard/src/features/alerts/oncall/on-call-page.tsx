import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { rememberAuthor, rememberedAuthor } from '../../../ui/author.ts';
import { Bone, EmptyState, ErrorLine, ErrorState } from '../../../ui/states.tsx';
import { Head } from '../head.tsx';
import own from './oncall.module.css';
import { OpenPages } from './open-pages.tsx';
import { Policies } from './policies.tsx';
import { Schedules } from './schedules.tsx';
import { Statistics } from './statistics.tsx';
import { useOpenPages, usePolicies, useSchedules } from './use-on-call.ts';

const COMMAND = `printf 'on_call: {config_file: oncall.yml}\\n' >> pharos.yaml`;

/** Under which name things are done here, where no login says it. */
function Me() {
  const [name, setName] = useState(rememberedAuthor);
  return (
    <TextInput
      size="xs"
      className={own['me'] ?? ''}
      aria-label="Your name, for acknowledgements"
      placeholder="Your name"
      value={name}
      onChange={(event) => {
        setName(event.currentTarget.value);
        rememberAuthor(event.currentTarget.value.trim());
      }}
    />
  );
}

/** "2 pages wait for somebody" */
function verdict(states: readonly string[] | undefined): string {
  if (states === undefined) return '';
  const waiting = states.filter((state) => state !== 'acknowledged').length;
  if (waiting > 0)
    return waiting === 1 ? 'one page waits for somebody' : `${waiting} pages wait for somebody`;
  return states.length === 0 ? 'no page is open' : 'every open page is acknowledged';
}

/** Who is on call, who is being told of what, and whether alerts are worth their pages. */
export function OnCallPage() {
  const schedules = useSchedules();
  const pages = useOpenPages();
  const policies = usePolicies();
  const { data, error } = schedules;
  if (error !== null && data === undefined)
    return <ErrorState what="Who is on call" error={error} retry={() => void schedules.refetch()} />;
  const nobody =
    data?.schedules.length === 0 && policies.data?.policies.length === 0 && pages.data?.pages.length === 0;
  return (
    <>
      <Head title="On call" actions={nobody ? undefined : <Me />}>
        {verdict(pages.data?.pages.map(({ state }) => state))}
      </Head>
      {nobody ? (
        <EmptyState title="Nobody is on call yet" command={COMMAND}>
          People, their turns and whom to tell next stand in a file of their own: docs/on-call.md has one to
          begin with. Name it in pharos.yaml, then reload with SIGHUP; <code>pharos check oncall</code> says
          beforehand what is wrong with it.
        </EmptyState>
      ) : (
        <>
          {pages.error !== null && <ErrorLine what="Open pages" error={pages.error} />}
          {pages.data === undefined ? <Bone height={80} /> : <OpenPages pages={pages.data.pages} />}
          {data === undefined ? (
            <Bone height={320} />
          ) : (
            <Schedules schedules={data.schedules} people={data.people} />
          )}
          {policies.data !== undefined && policies.data.policies.length > 0 && (
            <Policies policies={policies.data.policies} />
          )}
          <Statistics />
        </>
      )}
    </>
  );
}
