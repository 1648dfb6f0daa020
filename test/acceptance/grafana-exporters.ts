/** What the exporters behind ten well-known dashboards expose, as far as the dashboards ask for it. Counters rise with each scrape. */

type Labels = string;
const series = (names: string, labels: readonly Labels[], value: (index: number) => number): string[] =>
  names
    .trim()
    .split(/\s+/)
    .flatMap((name) => labels.map((label, index) => `${name}{${label}} ${value(index)}`));

const buckets = (name: string, labels: Labels, rounds: number): string[] => [
  ...['0.1', '0.5', '1', '+Inf'].map(
    (le, index) => `${name}_bucket{${labels},le="${le}"} ${rounds * (index + 1)}`,
  ),
  `${name}_count{${labels}} ${rounds * 4}`,
  `${name}_sum{${labels}} ${rounds * 2}`,
];

/** The whole page of the n-th scrape. */
export function exposition(n: number): string {
  const now = Math.floor(Date.now() / 1000);
  const up = (index: number): number => n * (index + 1) * 3;
  const flat = (index: number): number => 1000 + index;
  const one = (): number => 1;
  const node = 'job="node",instance="web1:9100"';
  const pods = ['default', 'shop'].map(
    (namespace) => `namespace="${namespace}",pod="${namespace}-1",container="app",image="app:1",node="n1"`,
  );
  const jvm = 'application="orders",instance="orders:8080"';
  const ingress =
    'controller_pod="ic-1",controller_class="nginx",controller_namespace="ingress",ingress="web"';
  const mysql = 'instance="db:9104"';
  const redis = 'instance="cache:9121",namespace="shop"';
  const prom = 'job="prometheus",instance="prom:9090"';
  const go = 'job="api",instance="api:8080"';
  const probe = ['https://a.example', 'https://b.example'].map((target) => `instance="${target}"`);
  return [
    // node_exporter
    ...series('node_uname_info', [`${node},nodename="web1",release="6.1"`], one),
    ...series(
      'node_cpu_seconds_total',
      ['system', 'user', 'iowait', 'idle'].map((mode) => `${node},cpu="0",mode="${mode}"`),
      up,
    ),
    ...series('node_load1 node_load15 node_procs_blocked node_procs_running', [node], one),
    ...series(
      'node_memory_MemTotal_bytes node_memory_MemAvailable_bytes node_memory_MemFree_bytes node_memory_Cached_bytes node_memory_Buffers_bytes node_memory_SReclaimable_bytes node_memory_SwapTotal_bytes node_memory_SwapFree_bytes node_memory_Active_bytes node_memory_Inactive_bytes node_memory_Committed_AS_bytes node_memory_CommitLimit_bytes',
      [node],
      flat,
    ),
    ...series(
      'node_filesystem_size_bytes node_filesystem_avail_bytes',
      [`${node},mountpoint="/",fstype="ext4",device="/dev/sda1"`],
      flat,
    ),
    ...series(
      'node_network_receive_bytes_total node_network_transmit_bytes_total',
      [`${node},device="eth0"`],
      up,
    ),
    ...series(
      'node_disk_reads_completed_total node_disk_writes_completed_total node_disk_io_time_seconds_total node_disk_read_bytes_total node_disk_written_bytes_total',
      [`${node},device="sda"`],
      up,
    ),
    ...series(
      'node_pressure_cpu_waiting_seconds_total node_pressure_memory_waiting_seconds_total node_pressure_io_waiting_seconds_total node_context_switches_total node_intr_total',
      [node],
      up,
    ),
    ...series('node_time_seconds', [node], () => now),
    ...series('node_boot_time_seconds', [node], () => now - 86_400),
    // kube-state-metrics and cAdvisor
    ...series('kube_node_info kube_node_created', ['node="n1",cluster="main"'], one),
    ...series('kube_namespace_created', pods, one),
    ...series('kube_pod_info', pods, one),
    ...series(
      'kube_pod_status_phase',
      pods.flatMap((pod) => ['Running', 'Failed'].map((phase) => `${pod},phase="${phase}"`)),
      one,
    ),
    ...series(
      'kube_pod_container_resource_requests kube_pod_container_resource_limits',
      pods.map((pod) => `${pod},resource="cpu"`),
      one,
    ),
    ...series('kube_node_status_allocatable', ['node="n1",resource="cpu"'], () => 8),
    ...series('kube_node_status_condition', ['node="n1",condition="Ready",status="true"'], one),
    ...series('kube_pod_container_status_restarts_total container_cpu_usage_seconds_total', pods, up),
    ...series('container_memory_working_set_bytes', pods, flat),
    ...series(
      'kube_deployment_status_replicas_available kube_deployment_status_replicas_unavailable',
      ['namespace="shop",deployment="web"'],
      one,
    ),
    // Prometheus, Go processes
    ...series('prometheus_tsdb_head_series prometheus_tsdb_head_chunks', [prom], flat),
    ...series('prometheus_tsdb_head_samples_appended_total', [prom], up),
    ...series('prometheus_http_requests_total', [`${prom},handler="/api/v1/query"`], up),
    ...buckets('prometheus_http_request_duration_seconds', `${prom},handler="/"`, n),
    ...series('prometheus_build_info', [`${prom},version="3.1.0"`], one),
    ...series('process_start_time_seconds', [prom, go, jvm], () => now - 600),
    ...series(
      'go_goroutines go_memstats_alloc_bytes go_memstats_heap_inuse_bytes go_memstats_stack_inuse_bytes process_resident_memory_bytes process_virtual_memory_bytes process_open_fds',
      [go],
      flat,
    ),
    ...series('go_memstats_alloc_bytes_total', [go], up),
    ...series('go_gc_duration_seconds', [`${go},quantile="0.5"`], one),
    `up{${go}} 1`,
    // blackbox, MySQL, Redis
    ...series('probe_success probe_duration_seconds probe_dns_lookup_time_seconds', probe, one),
    ...series('probe_http_status_code', probe, () => 200),
    ...series(
      'probe_http_duration_seconds',
      probe.map((target) => `${target},phase="connect"`),
      one,
    ),
    ...series('probe_ssl_earliest_cert_expiry', probe, () => now + 86_400),
    ...series(
      'mysql_up mysql_global_status_uptime mysql_global_variables_innodb_buffer_pool_size mysql_global_status_threads_connected mysql_global_status_max_used_connections mysql_global_variables_max_connections mysql_global_status_threads_running',
      [mysql],
      flat,
    ),
    ...series(
      'mysql_global_status_queries mysql_global_status_bytes_received mysql_global_status_bytes_sent',
      [mysql],
      up,
    ),
    ...series('mysql_global_status_commands_total', [`${mysql},command="select"`], up),
    ...series('mysql_global_status_innodb_row_ops_total', [`${mysql},operation="read"`], up),
    ...series(
      'redis_up redis_uptime_in_seconds redis_connected_clients redis_memory_used_bytes redis_memory_max_bytes',
      [redis],
      flat,
    ),
    ...series(
      'redis_commands_processed_total redis_keyspace_hits_total redis_keyspace_misses_total redis_net_input_bytes_total redis_net_output_bytes_total',
      [redis],
      up,
    ),
    ...series('redis_db_keys', [`${redis},db="db0"`], flat),
    ...series('redis_commands_total', [`${redis},cmd="get"`], up),
    // Micrometer
    ...series(
      'process_uptime_seconds system_cpu_usage process_cpu_usage jvm_threads_live_threads jvm_threads_daemon_threads tomcat_threads_busy_threads tomcat_threads_config_max_threads',
      [jvm],
      one,
    ),
    ...series(
      'jvm_memory_used_bytes jvm_memory_max_bytes jvm_memory_committed_bytes',
      [`${jvm},area="heap",id="G1 Eden Space"`, `${jvm},area="nonheap",id="Metaspace"`],
      flat,
    ),
    ...series(
      'http_server_requests_seconds_count http_server_requests_seconds_sum',
      [`${jvm},status="200"`, `${jvm},status="500"`],
      up,
    ),
    ...series('http_server_requests_seconds_max', [`${jvm},status="200"`], one),
    ...series('logback_events_total', [`${jvm},level="info"`], up),
    ...series('jvm_gc_pause_seconds_count', [`${jvm},action="end of minor GC",cause="G1"`], up),
    // ingress-nginx
    ...series(
      'nginx_ingress_controller_requests',
      [`${ingress},status="200"`, `${ingress},status="502"`],
      up,
    ),
    ...series(
      'nginx_ingress_controller_nginx_process_connections',
      ['controller_pod="ic-1",state="active"'],
      one,
    ),
    ...series(
      'nginx_ingress_controller_success nginx_ingress_controller_config_hash',
      ['controller_pod="ic-1",controller_class="nginx",controller_namespace="ingress"'],
      one,
    ),
    ...series(
      'nginx_ingress_controller_request_size_sum nginx_ingress_controller_response_size_sum',
      [ingress],
      up,
    ),
    ...buckets('nginx_ingress_controller_request_duration_seconds', ingress, n),
    ...series(
      'nginx_ingress_controller_ssl_expire_time_seconds',
      ['host="shop.example"'],
      () => now + 86_400,
    ),
    '',
  ].join('\n');
}
