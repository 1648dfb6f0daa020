import { ActionIcon, Button, Select, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { FieldProblem } from '../../api/client.ts';
import { useHealth } from '../../api/queries.ts';
import { IconArrowDown, IconArrowUp, IconTrash } from '../../ui/icons.ts';
import { Command } from '../../ui/states.tsx';
import type { Component, Group } from './contracts.ts';
import { moved, problemAt, sourceKey, sourceOf, withEntry } from './edit.ts';
import styles from './status-page.module.css';
import { useProbeName, useProbeNames } from './use-status-page.ts';

function Tools({
  what,
  index,
  count,
  move,
  remove,
}: {
  readonly what: string;
  readonly index: number;
  readonly count: number;
  readonly move: (by: 1 | -1) => void;
  readonly remove: () => void;
}) {
  return (
    <span className={styles['tools']}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Earlier: ${what}`}
        disabled={index === 0}
        onClick={() => move(-1)}
      >
        <IconArrowUp size={16} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Later: ${what}`}
        disabled={index === count - 1}
        onClick={() => move(1)}
      >
        <IconArrowDown size={16} />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${what}`} onClick={remove}>
        <IconTrash size={16} />
      </ActionIcon>
    </span>
  );
}

/** What a component stands for: a probe, found by its words, or a service. */
function SourceSelect({
  component,
  change,
  problem,
}: {
  readonly component: Component;
  readonly change: (to: Component) => void;
  readonly problem: string | undefined;
}) {
  const value = sourceKey(component.of);
  const id = 'probe' in component.of ? component.of.probe : null;
  const label = useProbeName(id) ?? ('service' in component.of ? component.of.service : (id ?? ''));
  const [words, setWords] = useState('');
  // The field's own text, which is the name of what is chosen, is no search.
  const { data } = useProbeNames(words === label ? '' : words);
  const { data: health } = useHealth();
  const probes = (data?.probes ?? []).map(({ id, name }) => ({ value: `probe ${id}`, label: name }));
  const services = (health?.services ?? []).map(({ name }) => ({ value: `service ${name}`, label: name }));
  const known = [...probes, ...services].some((one) => one.value === value);
  return (
    <Select
      size="xs"
      label="Stands for"
      searchable
      allowDeselect={false}
      limit={100}
      placeholder="A probe or a service"
      error={problem}
      data={[
        ...(known || value === 'probe ' ? [] : [{ value, label }]),
        { group: 'Probes', items: probes },
        { group: 'Services', items: services },
      ]}
      value={value === 'probe ' ? null : value}
      onSearchChange={setWords}
      onChange={(key, option) => {
        const of = sourceOf(key ?? '');
        if (of !== null)
          change({ ...component, of, name: component.name === '' ? (option?.label ?? '') : component.name });
      }}
    />
  );
}

function ComponentForm({
  component,
  change,
  path,
  problems,
  url,
}: {
  readonly component: Component;
  readonly change: (to: Component) => void;
  readonly path: string;
  readonly problems: readonly FieldProblem[];
  readonly url: string;
}) {
  return (
    <div className={styles['component']}>
      <TextInput
        size="xs"
        label="Public name"
        value={component.name}
        error={problemAt(problems, `${path}.name`)}
        onChange={(event) => change({ ...component, name: event.currentTarget.value })}
      />
      <SourceSelect component={component} change={change} problem={problemAt(problems, `${path}.of`)} />
      {'probe' in component.of && (
        <Switch
          size="xs"
          label="Show how long it takes"
          checked={component.response_time}
          onChange={(event) => change({ ...component, response_time: event.currentTarget.checked })}
        />
      )}
      {component.id !== undefined && (
        <details className={styles['badges']}>
          <summary>Badges</summary>
          {['status', 'uptime', 'response-time'].map((kind) => (
            <Command key={kind} text={`![${component.name}](${url}/badges/${component.id}/${kind}.svg)`} />
          ))}
        </details>
      )}
    </div>
  );
}

const NEW: Component = { name: '', of: { probe: '' }, response_time: false };

export interface GroupsProps {
  readonly groups: readonly Group[];
  readonly change: (groups: Group[]) => void;
  readonly problems: readonly FieldProblem[];
  /** Where the public finds the page. */
  readonly url: string;
}

/** What the page shows, in its order. */
export function Groups({ groups, change, problems, url }: GroupsProps) {
  return (
    <div className={styles['stack']}>
      {groups.map((group, at) => {
        const put = (to: Group): void => change(withEntry(groups, at, to));
        const components = (to: Component[]): void => put({ ...group, components: to });
        return (
          <fieldset key={at} className={styles['group']}>
            <legend>Group {at + 1}</legend>
            <div className={styles['line']}>
              <TextInput
                size="xs"
                aria-label={`Name of group ${at + 1}`}
                placeholder="Name, or empty for no heading"
                value={group.name}
                onChange={(event) => put({ ...group, name: event.currentTarget.value })}
              />
              <Tools
                what={`group ${at + 1}`}
                index={at}
                count={groups.length}
                move={(by) => change(moved(groups, at, by))}
                remove={() => change(withEntry(groups, at, null))}
              />
            </div>
            {group.components.map((component, index) => (
              <div key={component.id ?? `new ${index}`} className={styles['line']}>
                <ComponentForm
                  component={component}
                  change={(to) => components(withEntry(group.components, index, to))}
                  path={`groups.${at}.components.${index}`}
                  problems={problems}
                  url={url}
                />
                <Tools
                  what={component.name || `component ${index + 1}`}
                  index={index}
                  count={group.components.length}
                  move={(by) => components(moved(group.components, index, by))}
                  remove={() => components(withEntry(group.components, index, null))}
                />
              </div>
            ))}
            <div>
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => components([...group.components, NEW])}
              >
                Add a component
              </Button>
            </div>
          </fieldset>
        );
      })}
      <div>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => change([...groups, { name: '', components: [NEW] }])}
        >
          Add a group
        </Button>
      </div>
    </div>
  );
}
