import type { DashboardInput } from '../model.ts';
import { alarm, bars, choice, curves, EVENTS, figure, type Group, place, rows, STACKED } from './build.ts';

const N = 'namespace=~"$namespace"';

const GROUPS: readonly Group[] = [
  {
    title: 'Now',
    panels: [
      figure('Nodes ready', 'sum(kube_node_status_condition{condition="Ready",status="true"})'),
      figure('Pods running', `sum(kube_pod_status_phase{${N},phase="Running"})`),
      figure('Pods pending', `sum(kube_pod_status_phase{${N},phase="Pending"})`, { field: alarm(1, 5) }),
      figure('Pods failed', `sum(kube_pod_status_phase{${N},phase="Failed"})`, { field: alarm(1, 5) }),
      figure('Restarts in an hour', `sum(increase(kube_pod_container_status_restarts_total{${N}}[1h]))`, {
        field: alarm(1, 10),
      }),
      figure('Unavailable replicas', `sum(kube_deployment_status_replicas_unavailable{${N}})`, {
        field: alarm(1, 3),
      }),
    ],
  },
  {
    title: 'Workloads',
    panels: [
      rows('Deployments', {
        Wanted: { expr: `sum by (namespace, deployment) (kube_deployment_spec_replicas{${N}})` },
        Available: {
          expr: `sum by (namespace, deployment) (kube_deployment_status_replicas_available{${N}})`,
        },
      }),
      rows('Containers that wait', {
        Containers: {
          expr: `sum by (namespace, pod, reason) (kube_pod_container_status_waiting_reason{${N}}) > 0`,
        },
      }),
      curves(
        'Pods by phase',
        { '{{phase}}': `sum by (phase) (kube_pod_status_phase{${N}})` },
        { field: STACKED },
      ),
      curves('Restarts', {
        '{{namespace}}/{{pod}}': `topk(10, sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total{${N}}[$__rate_interval])) > 0)`,
      }),
      bars('Pods by node', { '{{node}}': `count by (node) (kube_pod_info{${N}})` }),
    ],
  },
  {
    title: 'Resources',
    panels: [
      curves(
        'CPU by namespace',
        {
          '{{namespace}}': `sum by (namespace) (rate(container_cpu_usage_seconds_total{${N},container!=""}[$__rate_interval]))`,
        },
        { field: STACKED },
      ),
      curves(
        'Memory by namespace',
        {
          '{{namespace}}': `sum by (namespace) (container_memory_working_set_bytes{${N},container!=""})`,
        },
        { unit: 'bytes', field: STACKED },
      ),
      curves(
        'CPU against requests',
        {
          '{{namespace}}': `sum by (namespace) (rate(container_cpu_usage_seconds_total{${N},container!=""}[$__rate_interval])) / sum by (namespace) (kube_pod_container_resource_requests{${N},resource="cpu"})`,
        },
        { unit: 'percentunit' },
      ),
      curves(
        'Received',
        {
          '{{namespace}}': `sum by (namespace) (rate(container_network_receive_bytes_total{${N}}[$__rate_interval]))`,
        },
        { unit: 'Bps' },
      ),
      curves(
        'Sent',
        {
          '{{namespace}}': `sum by (namespace) (rate(container_network_transmit_bytes_total{${N}}[$__rate_interval]))`,
        },
        { unit: 'Bps' },
      ),
      bars(
        'Volumes, fullest first',
        {
          '{{namespace}}/{{persistentvolumeclaim}}': `kubelet_volume_stats_used_bytes{${N}} / kubelet_volume_stats_capacity_bytes{${N}}`,
        },
        { unit: 'percentunit' },
      ),
    ],
  },
];

/** A cluster, as kube-state-metrics and the kubelet's cAdvisor tell of it. */
export function kubernetes(): DashboardInput {
  return {
    uid: 'pharos-infrastructure-kubernetes',
    title: 'Infrastructure: Kubernetes',
    description:
      'Workloads, pods and their resources, from kube-state-metrics and cAdvisor. Empty until they are scraped.',
    tags: ['pharos', 'infrastructure', 'kubernetes'],
    folder: 'Ready made',
    time: { range: '1h' },
    annotations: EVENTS,
    variables: [choice('namespace', 'Namespace', 'label_values(kube_pod_info, namespace)')],
    panels: place(GROUPS),
  };
}
