import { Spotlight, type SpotlightActionData } from '@mantine/spotlight';
import '@mantine/spotlight/styles.css';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useHealth } from '../api/queries.ts';
import { IconChartLine, IconLayoutGrid, IconSearch } from '../ui/icons.ts';
import { STATUS_ORDER, StatusIcon } from '../ui/status.tsx';
import { PAGE_LIST } from './pages.ts';
import { useFindings } from './use-findings.ts';

const PROMPT = 'Find a service, page, dashboard or metric';
const MOST_SHOWN = 12;

type Navigate = ReturnType<typeof useNavigate>;

function pageActions(navigate: Navigate): SpotlightActionData[] {
  return PAGE_LIST.map((page) => ({
    id: page.to,
    label: page.label,
    description: page.hint,
    leftSection: <page.icon size={16} />,
    onClick: () => void navigate({ to: page.to, search: (previous) => previous }),
  }));
}

function dashboardActions(
  navigate: Navigate,
  dashboards: ReturnType<typeof useFindings>['dashboards'],
): SpotlightActionData[] {
  return dashboards.map(({ uid, title, description }) => ({
    id: `dashboard ${uid}`,
    label: title,
    description: description === '' ? 'Dashboard' : `Dashboard: ${description}`,
    keywords: ['dashboard'],
    leftSection: <IconLayoutGrid size={16} />,
    onClick: () =>
      void navigate({ to: '/dashboards/$uid', params: { uid }, search: (previous) => ({ tz: previous.tz }) }),
  }));
}

/** The command palette: every service, page, dashboard and metric by name. */
export function Palette() {
  const navigate = useNavigate();
  const { data } = useHealth();
  const [opened, setOpened] = useState(false);
  const [words, setWords] = useState('');
  const { dashboards, metrics } = useFindings(opened, words);
  const actions = useMemo<SpotlightActionData[]>(() => {
    const services = (data?.services ?? [])
      .toSorted(
        (a, b) => STATUS_ORDER[a.status] - STATUS_ORDER[b.status] || a.name.localeCompare(b.name, 'en'),
      )
      .map((service) => ({
        id: `service ${service.name}`,
        label: service.name,
        description: `Service, ${service.status}`,
        keywords: ['service', service.status],
        leftSection: <StatusIcon status={service.status} />,
        onClick: () =>
          void navigate({
            to: '/services/$name',
            params: { name: service.name },
            search: (previous) => previous,
          }),
      }));
    const named = metrics.map(({ name, help }) => ({
      id: `metric ${name}`,
      label: name,
      description: help === '' ? 'Metric' : `Metric: ${help}`,
      // What the server found by its help would not be found again by the name.
      keywords: words,
      leftSection: <IconChartLine size={16} />,
      onClick: () =>
        void navigate({
          to: '/explore',
          search: (previous) => ({ ...previous, q: [name], view: undefined }),
        }),
    }));
    return [...services, ...pageActions(navigate), ...dashboardActions(navigate, dashboards), ...named];
  }, [data, navigate, dashboards, metrics, words]);
  return (
    <Spotlight
      actions={actions}
      shortcut="mod + K"
      limit={MOST_SHOWN}
      scrollable
      maxHeight="min(70vh, 560px)"
      highlightQuery
      query={words}
      onQueryChange={setWords}
      onSpotlightOpen={() => setOpened(true)}
      nothingFound="Nothing has this name"
      searchProps={{
        leftSection: <IconSearch size={16} />,
        placeholder: PROMPT,
        'aria-label': PROMPT,
      }}
    />
  );
}
